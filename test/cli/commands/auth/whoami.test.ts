import { describe, expect, test } from "bun:test";
import { run } from "../../../../src/cli/commands/auth/whoami.ts";
import { CliError } from "../../../../src/cli/errors.ts";
import { accessToken, json, text } from "../../support/scripted-server.ts";
import { Scene } from "./scene.ts";

const LOGIN = { clientId: "olga", refreshToken: "rt" };
const PAIR = { TESTFLINGER_CLIENT_ID: "ci", TESTFLINGER_SECRET_KEY: "s" };
const refreshed = (token: string) => ({ "POST /v1/oauth2/refresh": json({ access_token: token, expires_in: 600 }) });

const whoami = (scene: Scene, json = false) => scene.world.clock.run(run({ json, output: undefined }, scene.session()));

describe("whoami", () => {
  test("shows the stored login", async () => {
    using scene = await new Scene(refreshed(accessToken({ client_id: "olga", role: "admin" }))).loggedInAs(LOGIN);
    await whoami(scene);
    expect(scene.world.stdout).toBe(
      `Client id:        olga\nRole:             admin\nServer:           ${scene.server.url}\n` +
        "Authenticated by: stored login\nAccess token:     valid for 10 minutes\n",
    );
  });

  test("shows the configured credentials, and a token that tells nothing", async () => {
    using scene = new Scene({ "POST /v1/oauth2/token": json({ access_token: "opaque" }) }, { env: PAIR });
    await whoami(scene);
    expect(scene.world.stdout).toContain("Client id:        ci\nRole:             unknown\n");
    expect(scene.world.stdout).toContain(
      "Authenticated by: client id and secret key\nAccess token:     of unknown lifetime\n",
    );
  });

  test("shows seconds when little is left", async () => {
    const end = Date.parse("2026-11-23T10:01:30Z") / 1000;
    using scene = await new Scene(refreshed(accessToken({ client_id: "olga" }, end))).loggedInAs(LOGIN);
    await whoami(scene);
    expect(scene.world.stdout).toContain("valid for 90 seconds\n");
  });

  test("lets no text of the server move the cursor", async () => {
    using scene = await new Scene(refreshed(accessToken({ client_id: "o\u001b[2J\nlga", role: "x\u009b" }))).loggedInAs(
      LOGIN,
    );
    await whoami(scene);
    expect(scene.world.stdout).toContain("Client id:        o[2J lga\nRole:             x\n");
  });

  test("prints JSON", async () => {
    using scene = await new Scene(refreshed(accessToken({ client_id: "olga" }))).loggedInAs(LOGIN);
    await whoami(scene, true);
    expect(JSON.parse(scene.world.stdout)).toEqual({
      client_id: "olga",
      role: "contributor",
      server: scene.server.url,
      method: "login",
      token_expires_at: "2026-11-23T10:10:00.000Z",
    });
  });

  test.each([false, true])("fails for nobody, without logging anybody in; as JSON: %p", async (asJson) => {
    using scene = new Scene({ "POST /oidc/auth-init": text("unexpected", 500) }, { terminal: true });
    await expect(whoami(scene, asJson)).rejects.toThrow(`Not logged in to ${scene.server.url}. Run: testflinger login`);
    await expect(whoami(scene, asJson)).rejects.toThrow(CliError);
    expect(scene.server.requests).toEqual([]);
    if (asJson) expect(scene.world.stdout).toContain('"method": "none"');
    else expect(scene.world.stdout).toBe("");
  });

  test("fails when the stored login has ended", async () => {
    using scene = await new Scene({ "POST /v1/oauth2/refresh": json({}, 400) }).loggedInAs(LOGIN);
    await expect(whoami(scene)).rejects.toThrow("Not logged in to");
  });
});
