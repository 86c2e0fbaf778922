import { describe, expect, test } from "bun:test";
import { existsSync } from "node:fs";
import { run } from "../../../../src/cli/commands/auth/logout.ts";
import { accessToken, json, type Script, text } from "../../support/scripted-server.ts";
import { Scene } from "./scene.ts";

const LOGIN = { clientId: "olga", refreshToken: "rt" };
const TOKEN = accessToken({ client_id: "olga" });
const SESSIONS = {
  "GET /v1/server": json({ name: "t", version: "1", auth: { anonymous: false, oidc: true }, features: ["sessions"] }),
  "POST /v1/oauth2/refresh": json({ access_token: TOKEN, expires_in: 600 }),
  "GET /v1/oauth2/sessions": json([
    { id: "s1", current: false },
    { id: "s2", current: true },
  ]),
  "DELETE /v1/oauth2/sessions/s2": json({ status: "OK" }),
};

async function logOut(scene: Scene): Promise<void> {
  await scene.world.clock.run(run({}, scene.session()));
}

describe("logout", () => {
  test("ends the login on the server and forgets it", async () => {
    using scene = await new Scene(SESSIONS).loggedInAs(LOGIN);
    await logOut(scene);
    expect(scene.server.calls).toContain(`DELETE /v1/oauth2/sessions/s2 Bearer ${TOKEN}`);
    expect(scene.world.stdout).toBe(`Logged out 'olga' from ${scene.server.url}, and ended the login on the server.\n`);
    expect(existsSync(scene.store.file)).toBe(false);
  });

  test("ends the stored login, not that of the configured credentials", async () => {
    const env = { TESTFLINGER_CLIENT_ID: "ci", TESTFLINGER_SECRET_KEY: "s" };
    using scene = await new Scene(SESSIONS, { env }).loggedInAs(LOGIN);
    await logOut(scene);
    expect(scene.server.calls).not.toContainEqual(expect.stringContaining("/v1/oauth2/token"));
    expect(scene.server.calls).toContain(`DELETE /v1/oauth2/sessions/s2 Bearer ${TOKEN}`);
  });

  const only: [name: string, script: Script][] = [
    ["the server has no such list", {}],
    ["the server does not say which login this is", { ...SESSIONS, "GET /v1/oauth2/sessions": json([{ id: "s1" }]) }],
    ["the server refuses", { ...SESSIONS, "DELETE /v1/oauth2/sessions/s2": text("broken", 500) }],
    ["the refresh fails", { ...SESSIONS, "POST /v1/oauth2/refresh": text("broken", 500) }],
  ];
  test.each(only)("forgets the login here when %s, and says so", async (_, script) => {
    using scene = await new Scene(script).loggedInAs(LOGIN);
    await logOut(scene);
    expect(scene.world.stdout).toBe(
      `Logged out 'olga' from ${scene.server.url}. The server itself keeps the login until it expires.\n`,
    );
    expect(existsSync(scene.store.file)).toBe(false);
  });

  test("warns when the server could not be asked", async () => {
    using scene = await new Scene({ ...SESSIONS, "GET /v1/oauth2/sessions": text("broken", 500) }).loggedInAs(LOGIN);
    await logOut(scene);
    expect(scene.world.stderr).toMatch(/^WARNING: .* The server could not be asked to end the login: broken\n$/);
  });

  test("of a login that has ended anyway is done", async () => {
    using scene = await new Scene({ ...SESSIONS, "POST /v1/oauth2/refresh": json({}, 400) }).loggedInAs(LOGIN);
    await logOut(scene);
    expect(scene.world.stdout).toContain("ended the login on the server");
  });

  test("of nobody says so and asks nobody", async () => {
    using scene = new Scene(SESSIONS);
    await logOut(scene);
    expect(scene.world.stdout).toBe(`Not logged in to ${scene.server.url}.\n`);
    expect(scene.server.requests).toEqual([]);
  });
});
