import { HEARTBEAT, serverEvent } from "../../http/event-stream.ts";
import { Problem } from "../../http/problem.ts";
import type { Route } from "../../http/route.ts";
import type { Pages } from "../pages.ts";
import { type Pulse, type Topic, TOPICS } from "./pulse.ts";

export const liveRoutes = (pages: Pages, pulse: Pulse): Route[] => [
  pages.follow({ path: "/events", id: "followLab", summary: "Tells that lists have changed" }, ({ url, request }) =>
    changes(pulse, topicsOf(url.searchParams), request.signal),
  ),
];

async function* changes(pulse: Pulse, topics: readonly Topic[], signal: AbortSignal): AsyncGenerator<string> {
  // At once, so that the browser knows that it is connected.
  yield HEARTBEAT;
  for await (const beat of pulse.follow(topics, signal))
    yield beat === "changed" ? serverEvent("changed", {}) : HEARTBEAT;
}

function topicsOf(parameters: URLSearchParams): Topic[] {
  const asked = parameters.getAll("topic");
  const topics = TOPICS.filter((topic) => asked.includes(topic));
  if (topics.length !== asked.length || topics.length === 0)
    throw new Problem(400, `'topic' must be ${TOPICS.join(" or ")}, and may be repeated.`);
  return topics;
}
