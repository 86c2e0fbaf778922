import { describe, expect, test } from "bun:test";
import { run } from "../../../../src/cli/commands/auth/login.ts";
import { CliError } from "../../../../src/cli/errors.ts";
import { accessToken, json, type Script, text } from "../../support/scripted-server.ts";
import type { WorldOptions } from "../../support/world.ts";
import { Scene } from "./scene.ts";

const TOKEN = "POST /v1/oauth2/token";
const PAIR = { TESTFLINGER_CLIENT_ID: "ci", TESTFLINGER_SECRET_KEY: "secret" };
const OLD = { clientId: "old", refreshToken: "rt-old" };
const BY_PASSWORD = { [TOKEN]: json({ access_token: accessToken({ client_id: "ci" }), refresh_token: "rt-ci" }) };
const BY_DEVICE = {
  "POST /oidc/auth-init": json({ verification_uri: "https://idp/", user_code: "C", request_id: "r", interval: 1 }),
  "POST /oidc/auth-poll/r": json({ access_token: accessToken({ client_id: "olga" }), refresh_token: "rt-olga" }),
};
const NO_DEVICE = { "POST /oidc/auth-init": text("Not Found", 404) };

type Choice = Partial<Parameters<typeof run>[0]>;

async function logIn(scene: Scene, choice: Choice = {}): Promise<void> {
  const options = {
    clientId: undefined,
    secretKey: undefined,
    method: undefined,
    noBrowser: false,
    web: false,
    ...choice,
  };
  await scene.world.clock.run(run(options, scene.session(options)));
}

async function loginFailure(scene: Scene, choice: Choice = {}): Promise<Error> {
  const error = await logIn(scene, choice).then(
    () => new Error("the login succeeded"),
    (caught: Error) => caught,
  );
  expect(error).toBeInstanceOf(CliError);
  return error;
}

describe("login (cli section 5.10)", () => {
  const ways: [
    name: string,
    script: Script,
    options: WorldOptions,
    choice: Choice,
    name: string,
    refreshToken: string,
  ][] = [
    ["with credentials of the environment", BY_PASSWORD, { env: PAIR }, {}, "ci", "rt-ci"],
    ["with credentials of the command line", BY_PASSWORD, {}, { clientId: "ci", secretKey: "s" }, "ci", "rt-ci"],
    ["through a browser without credentials", BY_DEVICE, {}, {}, "olga", "rt-olga"],
    [
      "through a browser when told so",
      { ...BY_PASSWORD, ...BY_DEVICE },
      { env: PAIR },
      { method: "oidc" },
      "olga",
      "rt-olga",
    ],
    [
      "with credentials that are asked for",
      BY_PASSWORD,
      { terminal: true, input: [" ci ", "s"] },
      { method: "credentials" },
      "ci",
      "rt-ci",
    ],
    [
      "with a configured id and a secret that is asked for",
      BY_PASSWORD,
      { terminal: true, input: ["s"], env: { TESTFLINGER_CLIENT_ID: "ci" } },
      { method: "credentials" },
      "ci",
      "rt-ci",
    ],
  ];
  test.each(ways)("%s is stored, and replaces an older one", async (_, script, options, choice, name, refreshToken) => {
    using scene = await new Scene(script, options).loggedInAs(OLD);
    await logIn(scene, choice);
    expect(scene.world.stdout).toEndWith(`Successfully authenticated as '${name}'\n`);
    expect(scene.store.read()).toEqual({ clientId: name, refreshToken });
  });

  test("asks for the secret by the name of its owner", async () => {
    using scene = new Scene(BY_PASSWORD, { terminal: true, input: ["ci", "s"] });
    await logIn(scene, { method: "credentials" });
    expect(scene.world.stdout).toBe("Client id: Secret key of ci: \nSuccessfully authenticated as 'ci'\n");
    expect(scene.server.calls).toEqual([`${TOKEN} Basic ${btoa("ci:s")}`]);
  });

  const nothing: [name: string, options: WorldOptions, choice: Choice][] = [
    ["without credentials or device login", {}, {}],
    ["by credentials without a terminal to ask on", {}, { method: "credentials" }],
    ["by credentials when nothing is answered", { terminal: true, input: [""] }, { method: "credentials" }],
    ["by credentials when the input ends", { terminal: true, input: ["ci"] }, { method: "credentials" }],
  ];
  test.each(nothing)("%s asks for credentials, and the old login is gone", async (_, options, choice) => {
    using scene = await new Scene(NO_DEVICE, options).loggedInAs(OLD);
    expect((await loginFailure(scene, choice)).message).toBe("Please provide credentials and reattempt login");
    expect(scene.store.read()).toBeUndefined();
  });

  test.each([401, 403, 500])("with credentials answered %i fails", async (status) => {
    using scene = new Scene({ [TOKEN]: text("no", status), ...BY_DEVICE }, { env: PAIR });
    await loginFailure(scene);
    expect(scene.server.calls).toHaveLength(1);
  });

  test("without a refresh token fails, since nothing could be stored", async () => {
    using scene = new Scene({ [TOKEN]: json({ access_token: "at" }) }, { env: PAIR });
    expect((await loginFailure(scene)).message).toContain("no refresh token");
  });

  test("with a token that names nobody stores nothing", async () => {
    using scene = new Scene({
      ...BY_DEVICE,
      "POST /oidc/auth-poll/r": json({ access_token: "x", refresh_token: "rt" }),
    });
    await logIn(scene);
    expect(scene.world.stdout).toBe("Successfully authenticated as 'None'\n");
    expect(scene.store.read()).toBeUndefined();
  });

  test.each([
    [false, ["https://idp/"]],
    [true, []],
  ])("with --no-browser %p opens %j", async (noBrowser, opened) => {
    using scene = new Scene(BY_DEVICE, { terminal: true });
    await logIn(scene, { noBrowser });
    expect(scene.world.opened).toEqual(opened);
  });
});
