import { AgentBinding } from "./agents/binding.ts";
import { AgentService } from "./agents/service.ts";
import { agentRoutes } from "./agents/routes.ts";
import type { Config } from "./config.ts";
import { docsRoutes } from "./docs/routes.ts";
import { eventRoutes } from "./events/routes.ts";
import { EventService } from "./events/service.ts";
import { Webhook } from "./events/webhook.ts";
import { fileRoutes } from "./files/routes.ts";
import { FileService } from "./files/service.ts";
import { uploadRoutes } from "./files/upload-routes.ts";
import { UploadService } from "./files/upload-service.ts";
import { RequestAudit } from "./http/audit.ts";
import { Gate } from "./http/authenticate.ts";
import { Entry } from "./http/entry.ts";
import { limits as limitsOf } from "./http/limits.ts";
import type { Route } from "./http/route.ts";
import { router } from "./http/router.ts";
import { infoRoutes } from "./info/routes.ts";
import { childJobRoutes } from "./jobs/child-routes.ts";
import { ChildJobs } from "./jobs/children.ts";
import { JobHandout } from "./jobs/handout.ts";
import { jobReadingRoutes } from "./jobs/reading-routes.ts";
import { jobRoutes } from "./jobs/routes.ts";
import { JobService } from "./jobs/service.ts";
import { describeError, jsonLogger, type WriteLine } from "./log/logger.ts";
import { securityEvents } from "./log/security-events.ts";
import { JobFeed } from "./logs/feed.ts";
import { logRoutes } from "./logs/routes.ts";
import { LogService } from "./logs/service.ts";
import type { Metrics } from "./metrics/metrics.ts";
import { peopleLogins } from "./oidc/people-logins.ts";
import { QueueOwners } from "./permissions/queue-owners.ts";
import { restrictedQueueRoutes } from "./permissions/restricted-queue-routes.ts";
import { permissionRoutes } from "./permissions/routes.ts";
import { PermissionService } from "./permissions/service.ts";
import { queueRoutes } from "./queues/routes.ts";
import { resultRoutes } from "./results/routes.ts";
import { ResultService } from "./results/service.ts";
import type { SecretsBackend } from "./secrets/backend.ts";
import { secretRoutes } from "./secrets/routes.ts";
import { SecretsService } from "./secrets/service.ts";
import { LoginSessions } from "./sessions/login-sessions.ts";
import { sessionRoutes } from "./sessions/routes.ts";
import type { Store } from "./store/store.ts";
import { AccessTokens } from "./tokens/access-token.ts";
import { OwnSecret } from "./tokens/own-secret.ts";
import { ownSecretRoutes } from "./tokens/own-secret-routes.ts";
import { TokenIssuer } from "./tokens/issuer.ts";
import { Refreshing } from "./tokens/refreshing.ts";
import { tokenRoutes } from "./tokens/routes.ts";
import { TokenService } from "./tokens/service.ts";
import { SigningKeys } from "./tokens/signing-keys.ts";
import { Standing } from "./tokens/standing.ts";
import { PULSE, Pulse } from "./web/live/pulse.ts";
import { webRoutes } from "./web/routes.ts";

export interface AppOptions {
  config: Config;
  store: Store;
  /** Raw bytes; the first signs, all verify. */
  signingKeys: readonly Uint8Array[];
  /** Where secrets are kept; null: nowhere. */
  secretsBackend: SecretsBackend | null;
  metrics: Metrics;
  /** For calls to the identity provider and to webhooks. */
  fetch: (url: string, init: RequestInit) => Promise<Response>;
  now: () => Date;
  random: (bytes: number) => Uint8Array;
  /** Where log lines and security events go. */
  write: WriteLine;
}

export interface App {
  /** Answers a request; `server` tells the peer's address when it came through a socket. */
  readonly fetch: Entry["fetch"];
  readonly routes: readonly Route[];
  /** Removes what has expired. To be called now and then. */
  sweep(): Promise<void>;
  /** Ends long polls and streams, so that their requests finish. */
  close(): void;
}

/** Wires configuration, store, clock and network into one application; the only place that knows all parts. */
export function createApp({
  config,
  store,
  signingKeys,
  secretsBackend,
  metrics,
  fetch,
  now,
  random,
  write,
}: AppOptions): App {
  const log = jsonLogger(write, now);
  const events = securityEvents(write, now, config.hostname);
  const onError = (error: unknown) => log.error("background work failed", describeError(error));
  const keys = new SigningKeys(signingKeys);
  const accessTokens = new AccessTokens({ keys, leeway: config.jwtLeeway, now });
  const { clients, refreshTokens } = store;
  const issuer = new TokenIssuer({ accessTokens, refreshTokens, clients, random, now });
  const limits = limitsOf(config.limits, { attempts: store.attempts, events, now });
  const refreshing = new Refreshing({
    refreshTokens: store.refreshTokens,
    keys,
    limits,
    longestLogin: config.longestLogin,
    events,
    now,
  });
  const gate = new Gate({
    accessTokens,
    anonymous: config.anonymous,
    standing: new Standing({ store, now }),
    agents: new AgentBinding({ jobs: store.jobs, mode: config.agentBinding, events, log }),
    events,
  });
  const audit = new RequestAudit({ events, now });
  const feed = new JobFeed(store, onError);
  const pulse = new Pulse({ ...PULSE, shared: store.shared });
  const onChange = (jobId: string) => {
    feed.notify(jobId);
    pulse.notify("jobs");
  };
  const { url, auth } = config.webhook;
  const webhook = url === undefined ? null : new Webhook({ url, auth, fetch });
  const secrets = new SecretsService({ backend: secretsBackend, events, now, log });
  const handout = new JobHandout({ store, secrets, now, log, onChange });
  const onAvailable = (queue: string) => handout.wake(queue);
  const jobs = new JobService({
    store,
    secrets,
    ownership: config.jobOwnership,
    now,
    newId: () => crypto.randomUUID(),
    onAccepted: (queue, reserves) => metrics.jobAccepted(queue, reserves),
    onChange,
    onAvailable,
  });

  const people =
    config.oidc &&
    peopleLogins({
      provider: config.oidc,
      browser: config.oidc.browser,
      secrets: signingKeys,
      limits,
      store,
      issuer,
      events,
      log,
      fetch,
      random,
      now,
      contextOf: (request) => entry.contextOf(request),
    });

  const logs = new LogService({ store, feed, now, log });
  const agents = new AgentService({ store, now, onReport: () => pulse.notify("agents") });
  const loginSessions = new LoginSessions({ store, events, now });
  const permissions = new PermissionService({
    clients: store.clients,
    sessions: loginSessions,
    secretResets: config.secretResets,
    events,
    now,
  });
  const tokens = new TokenService({ store, issuer, refreshing, limits, events });
  const owners = new QueueOwners({ store, events, now });

  const api = [
    ...infoRoutes({
      oidc: config.oidc !== undefined,
      anonymous: config.anonymous,
      problems: () => unreadyParts(store),
    }),
    ...jobRoutes(jobs, handout),
    ...jobReadingRoutes(jobs),
    ...childJobRoutes(new ChildJobs({ store, jobs })),
    ...resultRoutes(new ResultService({ store, now, log, onChange, onAvailable })),
    ...logRoutes(logs),
    ...agentRoutes(agents),
    ...queueRoutes(store.queues, now),
    ...tokenRoutes(tokens),
    ...ownSecretRoutes(new OwnSecret({ clients: store.clients, tokens, sessions: loginSessions, events, random })),
    ...sessionRoutes(loginSessions),
    ...(people?.routes ?? []),
    ...permissionRoutes(permissions),
    ...restrictedQueueRoutes(owners),
    ...fileRoutes(
      new FileService({
        store,
        limits: { attachments: config.maxAttachmentSize, artifact: config.maxArtifactSize },
        assertOwner: (caller, jobId) => jobs.assertOwner(caller, jobId),
        onAvailable,
        now,
        log,
      }),
    ),
    ...uploadRoutes(
      new UploadService({
        store,
        limit: config.maxAttachmentSize,
        assertOwner: (caller, jobId) => jobs.assertOwner(caller, jobId),
        onAvailable,
        newId: () => crypto.randomUUID(),
        now,
      }),
    ),
    ...secretRoutes(secrets),
    ...eventRoutes(new EventService({ jobs: store.jobs, webhook })),
  ];
  const routes = [
    ...api,
    ...docsRoutes(api, { anonymous: config.anonymous === "submit" }),
    ...webRoutes({
      store,
      jobs,
      logs,
      agents,
      permissions,
      owners,
      loginSessions,
      browserSessions: people?.sessions ?? null,
      anonymous: config.anonymous,
      pulse,
      audit,
      log,
      now,
    }),
  ];

  const entry: Entry = new Entry((request) => elysia.fetch(request), {
    log,
    proxyFix: config.proxyFix,
    allowedHosts: config.allowedHosts,
    hstsMaxAge: config.hstsMaxAge,
    port: config.port,
    newId: () => Bun.randomUUIDv7(),
    metrics,
  });
  const elysia = router(routes, { gate, log, contextOf: entry.contextOf, audit, metrics });
  return {
    fetch: entry.fetch,
    routes,
    async sweep() {
      await people?.sessions.removeExpired();
      await store.sweep(now());
    },
    close() {
      handout.close();
      feed.close();
      pulse.close();
    },
  };
}

async function unreadyParts(store: Store): Promise<string[]> {
  try {
    await store.ping();
    return [];
  } catch {
    return ["The database is not reachable."];
  }
}
