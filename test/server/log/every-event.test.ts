import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { SECURITY_EVENTS } from "../../../src/server/log/security-events.ts";
import { embeddedStore } from "../../support/stores.ts";
import { CLIENTS } from "./rows/clients.ts";
import { DATA } from "./rows/data.ts";
import { LOGINS } from "./rows/logins.ts";
import { REFUSALS } from "./rows/refusals.ts";
import { Scene } from "./scene.ts";

setDefaultTimeout(30_000);

interface Told {
  readonly event: string;
  readonly level: string;
  readonly description: string;
  readonly source_ip: string;
  readonly host_ip: string;
  readonly protocol: string;
  readonly port: number;
  readonly request_uri: string;
  readonly request_method: string;
  readonly request_id: string;
}

/** Told by the server itself, outside of requests. */
const OF_THE_SERVER = ["sys_startup", "sys_shutdown"];

const toldIn = (lines: readonly string[]): Told[] => lines.flatMap((line) => JSON.parse(line).owasp_event ?? []);

/** ASVS 5.0 controls 16.2.1 (who, what, when, where), 16.2.5 (no credentials, which stopping the server looks for) and 16.3.1 to 16.3.3. */
describe("the audit log of a running server is told of", () => {
  let scene: Scene;
  const names = new Set<string>();
  beforeAll(async () => {
    scene = await Scene.open({
      JOB_OWNERSHIP: "enforce",
      AGENT_BINDING: "enforce",
      LIMIT_TOKEN_FAILURES_CLIENT: "3",
      LIMIT_AUTH_INIT_ADDRESS: "5",
      TESTFLINGER_SECRETS_MASTER_KEY: Buffer.alloc(96, 7).toString("base64"),
    });
  });
  afterAll(() => scene.close());

  test.each([...LOGINS, ...REFUSALS, ...CLIENTS, ...DATA])("%s", async (_what, level, make) => {
    const { lines, url } = scene.server;
    const before = lines.length;
    const { answers, event, says = "" } = await make(scene);
    for (const answer of answers) await answer.body?.cancel();
    const ids = answers.map(({ headers }) => headers.get("x-request-id"));
    const told = toldIn(lines.slice(before)).filter(
      (one) => one.event === event && ids.includes(one.request_id) && one.description.includes(says),
    );
    expect({ event, told: told.length, all: toldIn(lines.slice(before)).map((one) => one.event) }).toMatchObject({
      told: 1,
    });
    const { hostname, port } = new URL(url);
    expect(told[0]).toMatchObject({
      level,
      source_ip: "127.0.0.1",
      host_ip: hostname,
      protocol: "http",
      port: Number(port),
      request_uri: expect.stringMatching(/^\/[^?]*$/),
      request_method: expect.stringMatching(/^(GET|POST|PUT|DELETE)$/),
    });
    names.add(event.split(":")[0] as string);
  });

  test("its start and its end", async () => {
    const { env } = await scene.serving.fresh(embeddedStore);
    const server = await scene.serving.start(env);
    await server.stop();
    expect(toldIn(server.lines).map(({ event, level }) => [event, level])).toEqual(
      OF_THE_SERVER.map((name) => [name, "INFO"]),
    );
  });

  /** Whoever declares another event finds this test, and has to say when it is told. */
  test("every event that is declared", () => {
    expect([...names, ...OF_THE_SERVER].toSorted()).toEqual([...SECURITY_EVENTS].toSorted());
  });
});
