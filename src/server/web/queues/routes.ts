import type { Route } from "../../http/route.ts";
import type { Store } from "../../store/store.ts";
import type { Pages } from "../pages.ts";
import { type QueueDetail, queuePage } from "./detail-page.tsx";
import { queueRows, queuesPage } from "./list.tsx";

type QueueSource = Pick<Store, "agents" | "jobs" | "queues">;

/** Jobs of one kind that the page of a queue shows. */
const JOBS_SHOWN = 100;

export const queuePages = (pages: Pages, store: QueueSource): Route[] => [
  pages.show({ path: "/queues", id: "showQueues", summary: "All queues" }, async ({ url }) => {
    const [advertised, agents, depths] = await Promise.all([
      store.queues.advertised(),
      store.agents.list(),
      store.jobs.depths(),
    ]);
    return queuesPage(queueRows(advertised, agents, depths), url.searchParams.get("search") ?? "");
  }),
  pages.show({ path: "/queues/:name", id: "showQueue", summary: "A queue" }, async (_visit, { name }) =>
    queuePage(await queueDetail(store, name)),
  ),
];

async function queueDetail({ queues, jobs, agents }: QueueSource, name: string): Promise<QueueDetail> {
  const [advertised, owners, depths, waiting, started, serving, waits] = await Promise.all([
    queues.advertised(),
    queues.owners(name),
    jobs.depths([name]),
    jobs.queued(name, JOBS_SHOWN),
    jobs.page({ queue: name, states: ["started"] }, { limit: JOBS_SHOWN }),
    agents.inQueue(name),
    queues.waitTimes([name]),
  ]);
  return {
    name,
    description: Object.hasOwn(advertised, name) ? advertised[name] : undefined,
    owners,
    depth: depths.get(name) ?? { waiting: 0, running: 0 },
    waiting,
    started: started.jobs,
    agents: serving,
    waits: waits.get(name) ?? [],
  };
}
