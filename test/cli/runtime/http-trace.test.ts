import { describe, expect, test } from "bun:test";
import { main } from "../../../src/cli/program.ts";
import { accessToken, json, type Script, ScriptedServer, text } from "../support/scripted-server.ts";
import { World, type WorldOptions } from "../support/world.ts";

async function run(words: string[], script: Script, options: WorldOptions = {}) {
  using server = new ScriptedServer(script);
  using world = new World(options);
  const context = { ...world.context, env: { ...world.context.env, TESTFLINGER_SERVER: server.url } };
  const exit = await world.clock.run(main(words, "testflinger", context));
  const trace = world.stderr.split("\n").filter((line) => line.includes("testflinger.http"));
  return { exit, stdout: world.stdout, stderr: world.stderr, trace, opened: world.opened };
}

const said = (line: string) => line.replace(/^DEBUG: .* testflinger\.http -- /, "").replace(/\d+ ms/, "N ms");

describe("--verbose", () => {
  test("tells about every request on stderr, with the id that the server gave it", async () => {
    const { stdout, trace } = await run(["-v", "status", "j"], {
      "GET /v1/job/j/state": json({ job_state: "test" }, 200, { "X-Request-Id": "abc-123" }),
    });
    expect(stdout).toBe("test\n");
    expect(trace.map(said)).toEqual(["GET /v1/job/j/state -> 200, request abc-123 (N ms)"]);
    expect(trace[0]).toMatch(/^DEBUG: \d{4}-\d\d-\d\d \d\d:\d\d:\d\d testflinger\.http -- /);
  });

  test("shows no token, no secret and nothing of a body", async () => {
    const token = accessToken({ client_id: "ci", role: "admin" });
    const { stderr, trace } = await run(
      ["--verbose", "secret", "write", "a/b", "hush-hush"],
      {
        "POST /v1/oauth2/token": json({ access_token: token, refresh_token: "refresh-me" }),
        "PUT /v1/secrets/ci/a/b": json({ expires_at: null }),
      },
      { env: { TESTFLINGER_CLIENT_ID: "ci", TESTFLINGER_SECRET_KEY: "top-secret" } },
    );
    expect(trace.map(said)).toContain("PUT /v1/secrets/ci/a/b -> 200 (N ms)");
    for (const hidden of [token, "hush-hush", "top-secret", "refresh-me", btoa("ci:top-secret")])
      expect(stderr).not.toContain(hidden);
  });

  test("hides the id of a device login, with which anybody could finish it", async () => {
    const { stderr, trace } = await run(
      ["-v", "login"],
      {
        "POST /oidc/auth-init": json({
          verification_uri: "https://idp.example/device",
          user_code: "ABCD",
          request_id: "door-opener",
          interval: 1,
        }),
        "POST /oidc/auth-poll/door-opener": json({ error: "access_denied" }, 400),
      },
      { terminal: true },
    );
    expect(trace.map(said)).toContain("POST /oidc/auth-poll/*** -> 400 (N ms)");
    expect(stderr).not.toContain("door-opener");
  });

  test("tells why there was no answer", async () => {
    const { trace } = await run(
      ["-v", "status", "j"],
      {},
      {
        fetch: async () => {
          throw new Error("refused\u001b[2J");
        },
      },
    );
    expect(trace.map(said)).toEqual(["GET /v1/job/j/state -> no answer: refused[2J (N ms)"]);
  });

  test("lets no id of a server control the terminal", async () => {
    const { trace } = await run(["-v", "status", "j"], {
      "GET /v1/job/j/state": json({ job_state: "test" }, 200, { "X-Request-Id": "a\u009b2Jb" }),
    });
    expect(trace[0]).not.toContain("\u009b");
  });

  test("is quiet when nobody asks for it", async () => {
    expect((await run(["status", "j"], { "GET /v1/job/j/state": text("", 204) })).trace).toEqual([]);
  });
});

test("--no-browser keeps every command from opening a browser", async () => {
  const script: Script = {
    "GET /v1/job/j": [text("", 401), json({ job_queue: "q" })],
    "POST /oidc/auth-init": json({
      verification_uri: "https://idp.example/device",
      user_code: "ABCD",
      request_id: "r",
      interval: 1,
    }),
    "POST /oidc/auth-poll/r": json({ access_token: accessToken({ client_id: "olga" }), refresh_token: "rt" }),
  };
  expect((await run(["show", "j"], script, { terminal: true })).opened).toEqual(["https://idp.example/device"]);
  const { exit, opened, stderr } = await run(["--no-browser", "show", "j"], script, { terminal: true });
  expect({ exit, opened }).toEqual({ exit: 0, opened: [] });
  expect(stderr).toContain("https://idp.example/device");
});
