import type { AgentService } from "../agents/service.ts";
import type { RequestAudit } from "../http/audit.ts";
import type { AnonymousAccess } from "../http/caller.ts";
import type { Route } from "../http/route.ts";
import type { JobService } from "../jobs/service.ts";
import type { Logger } from "../log/logger.ts";
import type { LogService } from "../logs/service.ts";
import type { Store } from "../store/store.ts";
import type { QueueOwners } from "../permissions/queue-owners.ts";
import type { PermissionService } from "../permissions/service.ts";
import type { BrowserSessions } from "../sessions/browser-sessions.ts";
import { SessionViewers } from "../sessions/viewers.ts";
import type { LoginSessions } from "../sessions/login-sessions.ts";
import { accountPages } from "./account/routes.ts";
import { adminPages } from "./admin/routes.ts";
import { agentPages } from "./agents/routes.ts";
import { assetRoutes } from "./assets/routes.ts";
import { homeRoutes } from "./home/routes.ts";
import { jobPages } from "./jobs/routes.tsx";
import type { Pulse } from "./live/pulse.ts";
import { liveRoutes } from "./live/routes.ts";
import { LogWindows } from "./log/windows.ts";
import { Pages } from "./pages.ts";
import { queuePages } from "./queues/routes.ts";

export interface WebOptions {
  readonly store: Store;
  readonly jobs: JobService;
  readonly logs: LogService;
  readonly agents: AgentService;
  readonly permissions: PermissionService;
  readonly owners: QueueOwners;
  readonly loginSessions: LoginSessions;
  /** Logins of people in their browsers; null: nobody logs in here, and everybody sees everything. */
  readonly browserSessions: BrowserSessions | null;
  /** What may be done without a login. */
  readonly anonymous: AnonymousAccess;
  readonly pulse: Pulse;
  readonly audit: RequestAudit;
  readonly log: Logger;
  readonly now: () => Date;
}

/** Pages for people (web.md), and what they load. */
export function webRoutes(options: WebOptions): Route[] {
  const {
    store,
    jobs,
    logs,
    agents,
    permissions,
    owners,
    loginSessions,
    browserSessions,
    anonymous,
    pulse,
    audit,
    log,
    now,
  } = options;
  const pages = new Pages({ viewers: browserSessions && new SessionViewers(browserSessions), anonymous, audit, log });
  const windows = new LogWindows(store.logs);
  return [
    ...homeRoutes(pages, store),
    ...agentPages(pages, { agents, store }, now),
    ...jobPages(pages, { store, jobs, logs, windows, pulse, now }),
    ...queuePages(pages, store),
    ...(browserSessions ? accountPages(pages, { loginSessions }) : []),
    ...(browserSessions ? adminPages(pages, { clients: store.clients, permissions, owners }) : []),
    ...liveRoutes(pages, pulse),
    ...assetRoutes(now()),
  ];
}
