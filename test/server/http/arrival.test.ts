import { expect, test } from "bun:test";
import { Entry } from "../../../src/server/http/entry.ts";
import type { RequestContext } from "../../../src/server/http/request-context.ts";
import { route } from "../../../src/server/http/route.ts";
import { router } from "../../../src/server/http/router.ts";
import { jsonLogger } from "../../../src/server/log/logger.ts";
import { ANONYMOUS } from "../../../src/server/http/caller.ts";

const OPEN = { access: { open: "a test" }, summary: "", tag: "", responses: {} } as const;

/** Answers a request for `/`, whose peer hangs up at once. */
async function ask(method: "GET" | "POST", handle: (input: { context: RequestContext }) => unknown): Promise<void> {
  const log = jsonLogger(console.error, () => new Date(0));
  const one = route({ ...OPEN, method, path: "/", id: "one" }, handle);
  const entry: Entry = new Entry((request) => app.fetch(request), {
    log,
    proxyFix: false,
    allowedHosts: [],
    port: 5000,
    newId: () => "id",
  });
  const app = router([one], { gate: { admit: () => ANONYMOUS }, log, contextOf: entry.contextOf });
  let isThere = true;
  const requestIP = () => (isThere ? ({ address: "192.0.2.7", family: "IPv4", port: 1 } as const) : null);
  const answer = entry.fetch(new Request("http://localhost/", { method }), { requestIP });
  isThere = false;
  expect((await answer).status).toBe(200);
}

test("the address of a peer that hangs up while its request is worked on is told in events after that", async () => {
  const told: unknown[] = [];
  await ask("POST", async ({ context }) => {
    await Bun.file(import.meta.path).exists();
    told.push(context.sourceAddress);
    return "";
  });
  expect(told).toEqual(["192.0.2.7"]);
});

test("it is told at once as well", async () => {
  const told: unknown[] = [];
  await ask("GET", ({ context }) => {
    told.push(context.sourceAddress);
    return "";
  });
  expect(told).toEqual(["192.0.2.7"]);
});
