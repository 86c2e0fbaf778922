import type { AgentService } from "../agents/service.ts";
import type { Route } from "../http/route.ts";
import type { JobService } from "../jobs/service.ts";
import type { Logger } from "../log/logger.ts";
import type { LogService } from "../logs/service.ts";
import type { Store } from "../store/store.ts";
import { agentPages } from "./agents/routes.ts";
import { assetRoutes } from "./assets/routes.ts";
import { homeRoutes } from "./home/routes.ts";
import { jobPages } from "./jobs/routes.tsx";
import type { Pulse } from "./live/pulse.ts";
import { liveRoutes } from "./live/routes.ts";
import { LogWindows } from "./log/windows.ts";
import { Pages } from "./pages.ts";
import { queuePages } from "./queues/routes.ts";
import type { Viewers } from "./viewer.ts";

export interface WebOptions {
  readonly store: Store;
  readonly jobs: JobService;
  readonly logs: LogService;
  readonly agents: AgentService;
  /** Null: nobody logs in here, and everybody sees everything. */
  readonly viewers: Viewers | null;
  readonly pulse: Pulse;
  readonly log: Logger;
  readonly now: () => Date;
}

/** Pages for people (web.md), and what they load. */
export function webRoutes({ store, jobs, logs, agents, viewers, pulse, log, now }: WebOptions): Route[] {
  const pages = new Pages({ viewers, log });
  const windows = new LogWindows(store.logs);
  return [
    ...homeRoutes(pages, store),
    ...agentPages(pages, { agents, store }, now),
    ...jobPages(pages, { store, jobs, logs, windows, pulse, now }),
    ...queuePages(pages, store),
    ...liveRoutes(pages, pulse),
    ...assetRoutes(now()),
  ];
}
