import type { Route } from "../../http/route.ts";
import type { Store } from "../../store/store.ts";
import type { Pages } from "../pages.ts";
import { seesLab } from "../visit.ts";
import type { Overview } from "./overview.tsx";
import { homePage } from "./page.tsx";

const JOBS_SHOWN = 15;

export const homeRoutes = (pages: Pages, store: Pick<Store, "agents" | "jobs">): Route[] => [
  pages.show({ path: "/", id: "showHome", summary: "Homepage", audience: "everybody" }, async (visit) =>
    homePage(seesLab(visit) ? await overviewOf(store) : null),
  ),
];

async function overviewOf({ jobs, agents }: Pick<Store, "agents" | "jobs">): Promise<Overview> {
  const [depths, all, started, waiting] = await Promise.all([
    jobs.depths(),
    agents.list(),
    jobs.page({ states: ["started"] }, { limit: JOBS_SHOWN }),
    jobs.page({ states: ["waiting"] }, { limit: JOBS_SHOWN }),
  ]);
  return { depths, agents: all, started: started.jobs, waiting: waiting.jobs };
}
