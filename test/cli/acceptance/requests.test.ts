import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import { mkdtempSync, readdirSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { cliBinary } from "../../support/binaries.ts";
import { accessToken, json, type Script, ScriptedServer } from "../support/scripted-server.ts";

const PAIR = { TESTFLINGER_CLIENT_ID: "ci", TESTFLINGER_SECRET_KEY: "s" };
const FAR_FUTURE = Date.parse("2100-01-01T00:00:00Z") / 1000;
const TOKEN = accessToken({ client_id: "ci", role: "contributor" }, FAR_FUTURE);
const EXCHANGE = { "POST /v1/oauth2/token": json({ access_token: TOKEN, refresh_token: "rt", expires_in: 600 }) };
const STATE = "GET /v1/job/j/state";
const OURS: Script = { ...EXCHANGE, [STATE]: json({ job_state: "test" }) };
/** A server of the reference has no light route. */
const REFERENCE: Script = { ...EXCHANGE, "GET /v1/result/j": json({ job_state: "test" }) };

let home: string;
beforeEach(() => void (home = mkdtempSync(join(tmpdir(), "requests-"))));
afterEach(() => rmSync(home, { recursive: true }));

/** Runs the compiled program, and gives the requests that it made. */
async function requestsOf(server: ScriptedServer, words: readonly string[], env: Record<string, string> = {}) {
  const before = server.requests.length;
  const child = Bun.spawn([cliBinary(), ...words], {
    cwd: home,
    env: { HOME: home, TESTFLINGER_SERVER: server.url, ...env },
    stdin: "ignore",
    stderr: "ignore",
  });
  const stdout = await new Response(child.stdout).text();
  expect(await child.exited).toBe(0);
  return { stdout, requests: server.requests.slice(before), sentAs: server.seen.at(-1)?.headers.authorization };
}

describe("status makes one request", () => {
  test("as the person who is logged in, when the access token is still good", async () => {
    using server = new ScriptedServer(OURS);
    await requestsOf(server, ["login"], PAIR);
    expect(await requestsOf(server, ["status", "j"])).toEqual({
      stdout: "test\n",
      requests: [STATE],
      sentAs: `Bearer ${TOKEN}`,
    });
  });

  test("with a client id and secret key, when they were exchanged before (W11)", async () => {
    using server = new ScriptedServer(OURS);
    const first = await requestsOf(server, ["status", "j"], PAIR);
    expect(first.requests).toEqual(["POST /v1/oauth2/token", STATE]);
    expect(await requestsOf(server, ["status", "j"], PAIR)).toEqual({
      stdout: "test\n",
      requests: [STATE],
      sentAs: `Bearer ${TOKEN}`,
    });
  });

  test("as nobody, where nobody has to log in (W16)", async () => {
    using server = new ScriptedServer(OURS);
    expect(await requestsOf(server, ["status", "j"])).toEqual({
      stdout: "test\n",
      requests: [STATE],
      sentAs: undefined,
    });
  });

  test("besides asking a server of the reference for the route that it lacks", async () => {
    using server = new ScriptedServer(REFERENCE);
    await requestsOf(server, ["login"], PAIR);
    expect((await requestsOf(server, ["status", "j"])).requests).toEqual([STATE, "GET /v1/result/j"]);
  });
});

test("an access token for credentials is kept for its owner alone, and tells no other program a login (W10, W11)", async () => {
  using server = new ScriptedServer(OURS);
  await requestsOf(server, ["status", "j"], PAIR);
  const folder = join(home, ".cache/testflinger");
  const [file] = readdirSync(folder);
  expect(file).toMatch(/^access-[0-9a-f]{32}\.json$/);
  expect(statSync(join(folder, file!)).mode & 0o777).toBe(0o600);
  expect(statSync(folder).mode & 0o777).toBe(0o700);
  expect(readdirSync(home)).toEqual([".cache"]);
});
