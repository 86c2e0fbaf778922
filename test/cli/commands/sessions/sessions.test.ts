import { describe, expect, test } from "bun:test";
import { accessToken, json, type Script, text } from "../../support/scripted-server.ts";
import { runAgainst } from "../job/one-job.ts";

const PAIR = { env: { TESTFLINGER_CLIENT_ID: "olga", TESTFLINGER_SECRET_KEY: "s" } };
const server = (features: string[]) =>
  json({ name: "testflinger", version: "1", auth: { anonymous: true, oidc: false }, features });
const OURS: Script = {
  "GET /v1/server": server(["sessions"]),
  "POST /v1/oauth2/token": json({ access_token: accessToken({ client_id: "olga" }) }),
  "GET /v1/oauth2/sessions": json([
    {
      id: "s2",
      client_id: "olga",
      kind: "cli",
      address: "192.0.2.1",
      issued_at: "2026-11-23T10:00:00Z",
      expires_at: "2026-11-29T10:00:00Z",
      last_accessed: "2026-11-23T10:05:00Z",
      current: true,
    },
    { id: "s1", client_id: "olga", issued_at: "2026-11-20T08:00:00Z", expires_at: null, current: false },
    {
      id: "b1",
      client_id: "olga",
      kind: "browser",
      address: "2001:db8::1",
      issued_at: "2026-11-19T08:00:00Z",
      expires_at: "2026-11-26T08:00:00Z",
      last_accessed: "2026-11-23T09:00:00Z",
      current: false,
    },
  ]),
};

const sessions = (script: Script, ...words: string[]) => runAgainst(script, ["sessions", ...words], PAIR);

describe("sessions list", () => {
  test("shows logins, and which one is this", async () => {
    const { exit, stdout } = await sessions(OURS, "list");
    expect(exit).toBe(0);
    expect(stdout).toBe(
      "ID  CLIENT ID  KIND     FROM         SINCE                LAST USED            UNTIL                \n" +
        "s2  olga       cli      192.0.2.1    2026-11-23 10:00:00  2026-11-23 10:05:00  2026-11-29 10:00:00  current\n" +
        "s1  olga       -        -            2026-11-20 08:00:00  -                    -                    \n" +
        "b1  olga       browser  2001:db8::1  2026-11-19 08:00:00  2026-11-23 09:00:00  2026-11-26 08:00:00  \n",
    );
  });

  test("prints JSON, also about others", async () => {
    const script = { ...OURS, "GET /v1/oauth2/sessions?client_id=bob": json([{ id: "s9", client_id: "bob" }]) };
    expect(JSON.parse((await sessions(script, "list", "--of", "bob", "--json")).stdout)).toEqual([
      { id: "s9", client_id: "bob" },
    ]);
  });

  test.each([
    ["a server that cannot tell", { ...OURS, "GET /v1/server": server([]) }],
    ["a reference server", { ...OURS, "GET /v1/server": text("", 404) }],
  ])("fails at %s", async (_, script) => {
    const { exit, stderr, requests } = await sessions(script, "list");
    expect(exit).toBe(1);
    expect(stderr).toMatch(/^The server http:\S+ does not offer to list or end logins\.\n$/);
    expect(requests).toEqual(["GET /v1/server"]);
  });

  test("fails for nobody", async () => {
    const { exit, stderr } = await runAgainst(OURS, ["sessions", "list"]);
    expect(exit).toBe(1);
    expect(stderr).toContain("Run: testflinger login");
  });
});

describe("sessions end", () => {
  const ended = {
    "DELETE /v1/oauth2/sessions/s1": text("OK"),
    "DELETE /v1/oauth2/sessions/b1": text("OK"),
  };

  test("ends logins without a word", async () => {
    const { exit, stdout, stderr, requests } = await sessions({ ...OURS, ...ended }, "end", "s1");
    expect({ exit, stdout, stderr }).toEqual({ exit: 0, stdout: "", stderr: "" });
    expect(requests.at(-1)).toBe("DELETE /v1/oauth2/sessions/s1");
  });

  test("ends all others, those of browsers too", async () => {
    const { requests } = await sessions({ ...OURS, ...ended }, "end", "--others");
    expect(requests.filter((request) => request.startsWith("DELETE"))).toEqual([
      "DELETE /v1/oauth2/sessions/s1",
      "DELETE /v1/oauth2/sessions/b1",
    ]);
  });

  test("goes on behind one that does not exist, and fails in the end", async () => {
    const script = { ...OURS, ...ended, "DELETE /v1/oauth2/sessions/x": json({ message: "no such login" }, 404) };
    const { exit, stderr, requests } = await sessions(script, "end", "x", "s1");
    expect({ exit, stderr }).toEqual({ exit: 1, stderr: "Login x was not ended: no such login\n" });
    expect(requests.at(-1)).toBe("DELETE /v1/oauth2/sessions/s1");
  });

  test.each([[[]], [["--others", "s1"]]])("%j is a usage error", async (words) => {
    const { exit, stderr } = await sessions(OURS, "end", ...words);
    expect(exit).toBe(2);
    expect(stderr).toContain("testflinger sessions end: error: give either the ids of logins or --others");
  });
});
