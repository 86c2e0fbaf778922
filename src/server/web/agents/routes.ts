import type { Route } from "../../http/route.ts";
import { notFoundPage } from "../errors.tsx";
import type { Pages } from "../pages.ts";
import { dateRange } from "../parts/date-range.ts";
import { agentDetail, type AgentDetailSource } from "./detail.ts";
import { agentPage } from "./detail-page.tsx";
import { agentsPage } from "./list.tsx";

export const agentPages = (pages: Pages, source: AgentDetailSource, now: () => Date): Route[] => [
  pages.show({ path: "/agents", id: "showAgents", summary: "All agents" }, async ({ url }) =>
    agentsPage(await source.store.agents.list(), url.searchParams.get("search") ?? ""),
  ),
  pages.show({ path: "/agents/:name", id: "showAgent", summary: "An agent" }, async ({ url }, { name }) => {
    const range = dateRange(url.searchParams, now());
    const detail = await agentDetail(source, name, range);
    return detail
      ? agentPage(detail, range)
      : notFoundPage(
          `Agent not found: ${name}`,
          "It never registered here, or was removed after a week without a report.",
        );
  }),
];
