import { AgentBinding } from "../../src/server/agents/binding.ts";
import { loadConfig } from "../../src/server/config.ts";
import { RequestAudit } from "../../src/server/http/audit.ts";
import { Gate } from "../../src/server/http/authenticate.ts";
import { Entry } from "../../src/server/http/entry.ts";
import { PEOPLE, route } from "../../src/server/http/route.ts";
import { router } from "../../src/server/http/router.ts";
import { listen } from "../../src/server/listen.ts";
import { jsonLogger } from "../../src/server/log/logger.ts";
import { securityEvents } from "../../src/server/log/security-events.ts";
import { Metrics } from "../../src/server/metrics/metrics.ts";
import { openStore } from "../../src/server/open-store.ts";
import { AccessTokens } from "../../src/server/tokens/access-token.ts";
import { SigningKeys } from "../../src/server/tokens/signing-keys.ts";
import { Standing } from "../../src/server/tokens/standing.ts";

/** All that a request passes in the server, around a handler that does nothing: entry, routing, bearer check, metrics, audit. */
const config = loadConfig(process.env);
const store = await openStore(config, true);
const now = () => new Date();
const write = (line: string) => void process.stderr.write(`${line}\n`);
const log = jsonLogger(write, now);
const events = securityEvents(write, now, config.hostname);
const gate = new Gate({
  accessTokens: new AccessTokens({ keys: new SigningKeys(config.signingKeys), leeway: config.jwtLeeway, now }),
  anonymous: "none",
  standing: new Standing({ store, now }),
  agents: new AgentBinding({ jobs: store.jobs, mode: config.agentBinding, events, log }),
  events,
});
const metrics = new Metrics({
  version: "bench",
  elapsed: () => performance.now(),
  process: { startTime: 0, cpuSeconds: () => 0, residentBytes: () => 0 },
});
const nothing = route(
  {
    method: "GET",
    path: "/v1/nothing/:job_id",
    id: "nothing",
    summary: "Nothing",
    tag: "Bench",
    access: PEOPLE,
    responses: { 200: { description: "The id" } },
  },
  ({ params }) => ({ job_id: params.job_id }),
);
const entry: Entry = new Entry((request) => elysia.fetch(request), {
  log,
  proxyFix: false,
  allowedHosts: config.allowedHosts,
  port: config.port,
  newId: () => Bun.randomUUIDv7(),
});
const audit = new RequestAudit({ events, now });
const elysia = router([nothing], { gate, log, contextOf: entry.contextOf, audit, metrics });
await listen((request, socket) => entry.fetch(request, socket), config.host, config.port);
