import { createApp } from "./app.ts";
import type { AnonymousAccess } from "./http/caller.ts";
import { type Config, loadConfig } from "./config.ts";
import { CannotListen, listen, type Listening } from "./listen.ts";
import { jsonLogger, type Logger, type WriteLine } from "./log/logger.ts";
import { securityEvents } from "./log/security-events.ts";
import { startMetrics } from "./metrics/listener.ts";
import { Metrics } from "./metrics/metrics.ts";
import { openStore } from "./open-store.ts";
import { openSecrets } from "./secrets/open.ts";
import { keptSigningKey } from "./tokens/signing-key.ts";
import { VERSION } from "../shared/version.ts";

/** Milliseconds that requests in flight are given at the end; orchestrators kill after ten seconds. */
const GRACE = 8_000;

/** Milliseconds between removals of what has expired, and renewals of what will. */
const UPKEEP_INTERVAL = 10 * 60_000;

export interface ServeOptions {
  env: Readonly<Record<string, string | undefined>>;
  /** One line for the person who started the server. */
  say: WriteLine;
  /** Log lines and security events. */
  write: WriteLine;
  /** Resolves when the server is asked to stop. */
  stop: Promise<unknown>;
  now: () => Date;
}

/**
 * Runs the server until it is asked to stop. Throws ConfigError, CannotListen, or the store's own errors, all with messages for the operator.
 */
export async function serve({ env, say, write, stop, now }: ServeOptions): Promise<void> {
  const config = loadConfig(env);
  const log = jsonLogger(write, now);
  const events = securityEvents(write, now, config.hostname);
  const store = await openStore(config, true);
  try {
    for (const warning of store.warnings) log.warn(warning);
    const signingKeys = config.signingKeys.length
      ? config.signingKeys
      : [await keptSigningKey(embeddedDirectory(config))];
    const secretsBackend = await openSecrets(config.secrets, { store, fetch, now, log });
    const random = (bytes: number) => crypto.getRandomValues(new Uint8Array(bytes));
    const metrics = processMetrics();
    const app = createApp({ config, store, signingKeys, secretsBackend, metrics, fetch, now, random, write });
    const server = await listen((request, socket) => app.fetch(request, socket), config.host, config.port);
    const metricsServer = config.metricsPort === 0 ? undefined : await openMetrics(metrics, config, log);
    const upkeep = [
      repeatedly(
        () => app.sweep(),
        (reason) => log.warn("expired data not removed", { reason }),
      ),
      repeatedly(
        async () => secretsBackend?.maintain(),
        (reason) => log.warn("access to secrets not renewed", { reason }),
      ),
    ];
    events.emit("INFO", "sys_startup", [], `Testflinger server ${VERSION} started`);
    say(`Testflinger server ${VERSION} on ${server.url}`);
    say(describeMode(config));

    await stop;
    say("Stopping.");
    for (const timer of upkeep) clearInterval(timer);
    app.close();
    await Promise.all([server.stop(GRACE), metricsServer?.stop(0)]);
    events.emit("INFO", "sys_shutdown", [], `Testflinger server ${VERSION} stopped`);
  } finally {
    await store.close();
  }
}

/** A taken metrics port must not keep a lab from working: another server on this machine may have it. */
async function openMetrics(
  metrics: Metrics,
  { host: hostname, metricsPort: port }: Config,
  log: Logger,
): Promise<Listening | undefined> {
  try {
    return await startMetrics(metrics, { hostname, port });
  } catch (error) {
    if (!(error instanceof CannotListen)) throw error;
    log.warn(`No metrics: ${error.reason}. Set METRICS_PORT to another port, or to 0 for none.`);
    return undefined;
  }
}

const processMetrics = (): Metrics =>
  new Metrics({
    version: VERSION,
    elapsed: () => performance.now(),
    process: {
      startTime: performance.timeOrigin / 1000,
      cpuSeconds: () => (process.cpuUsage().user + process.cpuUsage().system) / 1e6,
      residentBytes: () => process.memoryUsage.rss(),
    },
  });

const embeddedDirectory = (config: Config): string => {
  if (config.store.kind !== "sqlite") throw new Error("a signing key must be set with MongoDB");
  return config.store.directory;
};

/** Now and every ten minutes. */
function repeatedly(work: () => Promise<void>, failed: (reason: string) => void): Timer {
  const run = () => void work().catch((error: unknown) => failed(String(error)));
  run();
  return setInterval(run, UPKEEP_INTERVAL);
}

const WITHOUT_LOGIN: Readonly<Record<AnonymousAccess, string>> = {
  submit: "everybody who reaches this address may submit, read and cancel jobs",
  read: "everybody who reaches this address may read, and clients with a secret may do more",
  none: "only clients with a secret may do anything",
};

function describeMode({ store, oidc, anonymous }: Config): string {
  const data = store.kind === "sqlite" ? `Data in ${store.directory}.` : "Data in MongoDB.";
  const access = oidc
    ? `People log in at ${oidc.issuer}.`
    : `Login is off: ${WITHOUT_LOGIN[anonymous]} (set OIDC_* for logins).`;
  return `${data} ${access}`;
}
