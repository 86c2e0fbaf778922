import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import fc from "fast-check";
import { startIdp } from "../conformance/server/doubles.ts";
import { residentMemory } from "../support/resident-memory.ts";
import { type StoreForServers, storesForServers } from "../support/stores.ts";
import { Connection } from "./connection.ts";
import { operationsOf } from "./document.ts";
import { type Lab, openLab } from "./lab.ts";
import { type FuzzRequest, fuzzRequest, requestBytes } from "./requests.ts";
import { isUnhurried, Judge } from "./verdict.ts";

/** Requests per server, in stretches after each of which memory is looked at; set FUZZ_REQUESTS for a longer hunt, FUZZ_SEED for another one. */
const REQUESTS = Number(process.env.FUZZ_REQUESTS ?? 10_240);
const SEED = Number(process.env.FUZZ_SEED ?? 20_261_124);
const STRETCHES = 16;

/** Requests that are under way at the same time. */
const AT_ONCE = 16;

/** Milliseconds after which a request counts as unanswered, and after which the client hangs up where it might wait long. */
const PATIENCE = 10_000;
const SHORT_PATIENCE = 30;

/** Bytes by which the memory of the server may grow after the first quarter. Its garbage comes and goes by that much; hunts ten times as long end lower. */
const GROWTH = 64 * 2 ** 20;

// An emulated database answers some hundred requests per second.
setDefaultTimeout(300_000);

describe.each(storesForServers())("on $name", ({ open }) => {
  describe.each(["off", "on"])("with login %s", (login) => {
    const idp = startIdp();
    const webhook = Bun.serve({ port: 0, hostname: "127.0.0.1", fetch: () => new Response("thanks") });
    let store: StoreForServers;
    let lab: Lab;

    beforeAll(async () => {
      store = await open();
      const oidc = {
        OIDC_CLIENT_ID: "testflinger-client",
        OIDC_PROVIDER_ISSUER: `http://127.0.0.1:${idp.port}`,
        WEB_SECRET_KEY: "a key for browser logins",
      };
      lab = await openLab(store, { WEBHOOK_URL: webhook.url.href, ...(login === "on" ? oidc : {}) });
    });
    afterAll(async () => {
      await lab.server.stop();
      await store.remove();
      await Promise.all([idp.stop(true), webhook.stop(true)]);
    });

    test(`${REQUESTS} requests of every kind are answered as documented, and cost no memory`, async () => {
      const connections = Array.from({ length: AT_ONCE }, () => new Connection(Number(new URL(lab.server.url).port)));
      const judge = new Judge(lab.document);
      const requests = fuzzRequest({ ...lab, operations: operationsOf(lab.document) });
      const fault = async (request: FuzzRequest, connection: Connection) =>
        judge.fault(
          request,
          await connection.send(requestBytes(request), {
            head: request.method === "HEAD",
            patience: isUnhurried(request) ? SHORT_PATIENCE : PATIENCE,
            endless: "text/event-stream",
          }),
        );
      const together = fc.array(requests, { minLength: AT_ONCE, maxLength: AT_ONCE });
      const round = fc.asyncProperty(together, async (batch) => {
        const faults = await Promise.all(batch.map((request, lane) => fault(request, connections[lane] as Connection)));
        expect(faults.filter((one) => one !== undefined)).toEqual([]);
      });

      const memory: number[] = [];
      for (let stretch = 0; stretch < STRETCHES; stretch++) {
        await fc.assert(round, {
          seed: SEED + stretch,
          numRuns: Math.ceil(REQUESTS / STRETCHES / AT_ONCE),
          // A smaller batch would meet another state of the server: what the fault names is the smallest example there is.
          endOnFailure: true,
        });
        memory.push(await residentMemory(lab.server.pid));
      }
      const quarter = STRETCHES / 4;
      expect(Math.min(...memory.slice(-quarter))).toBeLessThan(
        Math.min(...memory.slice(quarter, 2 * quarter)) + GROWTH,
      );

      for (const connection of connections) connection.close();
      expect((await fetch(`${lab.server.url}/v1`)).status).toBe(200);
      expect(lab.server.output()).not.toContain('"request failed"');
    });
  });
});
