import { expect, test } from "bun:test";
import type { Store } from "../../src/server/store/store.ts";
import { contract } from "./contract.ts";
import { at, DAY, fragment, newJob, START } from "./samples.ts";

async function* oneByte() {
  yield new Uint8Array(1);
}

/** Operations that clients and agents repeat: what they cost must not grow with what is stored. */
const HOT: Record<string, (store: Store) => Promise<unknown>> = {
  submit: ({ jobs }) => jobs.submit(newJob({ definition: { tags: ["t"] } })),
  find: ({ jobs }) => jobs.find("job"),
  summary: ({ jobs }) => jobs.summary("job"),
  history: ({ jobs }) => jobs.history("job"),
  pop: ({ jobs }) => jobs.pop({ agent: "a", queues: ["p", "q"], now: at(1), leasedUntil: at(61) }),
  "pop of an expected job": ({ jobs }) => jobs.pop({ agent: "a", queues: ["q"], now: at(1), expected: true }),
  leased: ({ jobs }) => jobs.leased({ agent: "a", queues: ["p", "q"], now: at(2) }),
  release: ({ jobs }) => jobs.release("job", "a", at(1)),
  acknowledge: ({ jobs }) => jobs.acknowledge("job"),
  report: ({ jobs }) => jobs.report("job", { state: "test", status: {}, deviceInfo: {} }, at(1)),
  "the end of a job": ({ jobs }) => jobs.report("job", { state: "complete" }, at(1)),
  cancel: ({ jobs }) => jobs.cancel("job", at(1)),
  "attachments' arrival": ({ jobs }) => jobs.completeAttachments("gated"),
  position: ({ jobs }) => jobs.position("job"),
  "summary with position": ({ jobs }) => jobs.summaryWithPosition("job"),
  "search by tags": ({ jobs }) => jobs.search({ tags: ["t", "u"], match: "all", states: ["test"], active: false }),
  "search for active jobs by tag": ({ jobs }) => jobs.search({ tags: ["t"], match: "any", states: [], active: true }),
  "jobs in a queue": ({ jobs }) => jobs.inQueue("q"),
  "queues with work": ({ jobs }) => jobs.queuesWithWork(["p", "q"]),
  "children of a job": ({ jobs }) => jobs.children("job", "s"),
  "children of a job of nobody": ({ jobs }) => jobs.children("job", undefined),
  states: ({ jobs }) => jobs.states(["job", "other"]),
  "page of jobs": ({ jobs }) => jobs.page({}, { limit: 2 }),
  "page of active jobs": ({ jobs }) => jobs.page({ states: ["active"] }, { limit: 2 }),
  "page of jobs in a state": ({ jobs }) => jobs.page({ states: ["waiting"] }, { limit: 2 }),
  "page of jobs in states": ({ jobs }) => jobs.page({ states: ["waiting", "active", "complete"] }, { limit: 2 }),
  "page of a queue's jobs": ({ jobs }) => jobs.page({ queue: "q", states: ["active"] }, { limit: 2 }),
  "page of somebody's jobs": ({ jobs }) => jobs.page({ submitter: "s", since: START, until: at(9) }, { limit: 2 }),
  "page of an agent's jobs": ({ jobs }) => jobs.page({ agent: "a" }, { limit: 2 }),
  "page of jobs with a tag": ({ jobs }) => jobs.page({ tag: "t" }, { limit: 2 }),
  "jobs that wait in a queue": ({ jobs }) => jobs.queued("q", 2),
  depths: ({ jobs }) => jobs.depths(),
  "depths of queues": ({ jobs }) => jobs.depths(["p", "q"]),
  "log extent": ({ logs }) => logs.extent("job", "output", 5),
  "log phases": ({ logs }) => logs.phases("job", "output"),
  "log lines": ({ logs }) => logs.afterLines("job", "output", 1),
  "last of a log": ({ logs }) => logs.read({ jobId: "job", type: "output", before: 9, limit: 10, keep: "last" }),
  "log append": ({ logs }) => logs.append(fragment(), START),
  "log read": ({ logs }) => logs.read({ jobId: "job", type: "output", from: 1, limit: 10 }),
  "log read of a phase": ({ logs }) => logs.read({ jobId: "job", type: "output", phase: "test", since: START }),
  latest: ({ logs }) =>
    logs.latest([
      { jobId: "job", type: "output" },
      { jobId: "job", type: "serial" },
    ]),
  "file open": ({ files }) => files.open("job", "artifact"),
  "upload beginning": ({ uploads }) => uploads.begin({ id: "u", jobId: "job", length: 3, sha256: "0" }, START),
  "upload find": ({ uploads }) => uploads.find("job", "u"),
  "upload append": ({ uploads }) => uploads.append({ jobId: "job", id: "u" }, 0, oneByte(), () => START),
  "upload end": ({ uploads }) => uploads.complete("job", "u", START),
  "agent report": ({ agents }) => agents.report("a", { state: "s", queues: ["q"] }, ["line"], START),
  "agent find": ({ agents }) => agents.find("a"),
  "agents in a queue": ({ agents }) => agents.inQueue("q"),
  "queue served": ({ agents }) => agents.servesQueue("q", ["a"]),
  "provision record": ({ agents }) => agents.recordProvision("a", { jobId: "j", exitCode: 0, timestamp: START }),
  "provision history": ({ agents }) => agents.provisionHistory("a"),
  advertise: ({ queues }) => queues.advertise({ q: "d" }, START),
  images: ({ queues }) => queues.images("q"),
  "wait record": ({ queues }) => queues.recordWait("q", 1),
  "wait times": ({ queues }) => queues.waitTimes(["q"]),
  owners: ({ queues }) => queues.owners("q"),
  "restriction of a queue": ({ queues }) => queues.isRestricted("q"),
  restrictions: ({ queues }) => queues.restrictions(["p", "q"]),
  restrict: ({ queues }) => queues.restrict("q", "client"),
  "owner removal": ({ queues }) => queues.removeOwner("q", "client"),
  "client find": ({ clients }) => clients.find("client"),
  "client update": ({ clients }) => clients.update("client", { role: "admin" }),
  "replacement of a secret": ({ clients }) => clients.replaceSecret("client", "from", "to"),
  "client deletion": ({ clients }) => clients.delete("client"),
  login: ({ clients }) => clients.recordLogin({ issuer: "i", sub: "s", email: "e@example.com", name: "n" }, START),
  "login with a new e-mail": ({ clients }) =>
    clients.recordLogin({ issuer: "i", sub: "s", email: "new@example.com", name: "n" }, START),
  "token find": ({ refreshTokens }) => refreshTokens.find("token"),
  "token replacement": ({ refreshTokens }) =>
    refreshTokens.replace("id", "token", "next", { now: START, expiresAt: at(100) }),
  "token life": ({ refreshTokens }) => refreshTokens.living("id", START),
  "token touch": ({ refreshTokens }) => refreshTokens.touch("id", START),
  "token revocation": ({ refreshTokens }) => refreshTokens.revoke("id"),
  "tokens of a client": ({ refreshTokens }) => refreshTokens.ofClient("client", START),
  "device login find": ({ deviceLogins }) => deviceLogins.find("hash", START),
  "device login claim": ({ deviceLogins }) => deviceLogins.claim("hash", at(10), at(40)),
  "attempt counting": ({ attempts }) => attempts.count(["a", "b"], START, 1000),
  "attempt taking": ({ attempts }) => attempts.take("a", 5, START, 1000),
  "attempt given back": ({ attempts }) => attempts.giveBack("a", at(1)),
  "attempt find": ({ attempts }) => attempts.find(["a", "b"], START),
  "browser session find": ({ browserSessions }) => browserSessions.find("hash", START),
  "browser session touch": ({ browserSessions }) =>
    browserSessions.touch("id", { lastSeenAt: START, idleUntil: at(100) }),
  "browser session life": ({ browserSessions }) => browserSessions.living("id", START),
  "browser sessions that are over": ({ browserSessions }) => browserSessions.takeExpired(START),
  "browser session end": ({ browserSessions }) => browserSessions.end("id"),
  "browser sessions of a client": ({ browserSessions }) => browserSessions.ofClient("client", START),
  "secret find": ({ secrets }) => secrets.find("o", "p", START),
  "secret take": ({ secrets }) => secrets.take("o", "p", START),
  "secrets' existence": ({ secrets }) => secrets.existing("o", ["p", "q"], START),
  "secrets to reseal": ({ secrets }) => secrets.sealedWithOtherKey("k2", 10),
  sweep: (store) => store.sweep(at(100 * DAY)),
};

contract("query plans", (subject) => {
  // Some hundred queries, which an emulated database explains one after the other.
  test("no operation that is repeated reads a whole table", async () => {
    const { jobs, clients, deviceLogins, secrets } = subject.store;
    await jobs.submit(newJob({ id: "job", definition: { tags: ["t", "u"] } }));
    await jobs.submit(newJob({ id: "gated", attachments: "waiting" }));
    await clients.create({ id: "client", permissions: {} });
    await deviceLogins.add({ requestHash: "hash", sealedDeviceCode: "s", interval: 5, expiresAt: at(300) }, at(5));
    await secrets.put({ owner: "o", path: "p", sealed: new Uint8Array([1]), keyId: "k", ephemeral: true }, START);

    const scanning: string[] = [];
    let explained = 0;
    for (const [name, operation] of Object.entries(HOT)) {
      for (const { query, scans } of await subject.explain(operation)) {
        explained++;
        for (const scan of scans) scanning.push(`${name}: ${scan} in ${query}`);
      }
    }
    expect(scanning).toEqual([]);
    expect(explained).toBeGreaterThan(Object.keys(HOT).length);
  }, 30_000);
});
