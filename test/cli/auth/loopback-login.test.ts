import { expect, test } from "bun:test";
import { run } from "../../../src/cli/commands/auth/login.ts";
import { openSession } from "../../../src/cli/session.ts";
import { Browser } from "../../support/idp/browser.ts";
import { ALICE, useLogins } from "../../support/idp/logins.ts";
import { json, ScriptedServer } from "../support/scripted-server.ts";
import { World } from "../support/world.ts";

const logins = useLogins();
const options = { clientId: undefined, secretKey: undefined, method: undefined, noBrowser: false, web: true } as const;
const programOptions = {
  configfile: undefined,
  debug: false,
  noBrowser: false,
  server: undefined,
  verbose: false,
  version: false,
};

test("login --web logs in at the real server: the provider, the question, the port, the tokens", async () => {
  const site = await logins();
  const browser = new Browser(site.server.serve);
  using server = Bun.serve({
    port: 0,
    hostname: "127.0.0.1",
    fetch: (request) =>
      new URL(request.url).pathname === "/v1/server"
        ? json({ name: "t", version: "1", auth: { anonymous: false, oidc: true }, features: ["loopback-login"] })
        : site.server.serve(request),
  });
  using world = new World({ env: { TESTFLINGER_SERVER: `http://127.0.0.1:${server.port}` } });

  /** What the person does: log in at the provider, and allow. */
  const openBrowser = async (address: string) => {
    const { pathname, search, searchParams } = new URL(address);
    const toLogin = await browser.get(pathname + search);
    const toProvider = await browser.get(toLogin.headers.get("location")!);
    const callback = site.idp.authorize(toProvider.headers.get("location")!, ALICE);
    const back = await browser.get(callback.pathname + callback.search);
    expect((await browser.get(back.headers.get("location")!)).status).toBe(200);
    const form = { ...Object.fromEntries(searchParams), client_id: ALICE.email, decision: "allow" };
    const allowed = await browser.post("/auth/authorize", undefined, form);
    expect((await fetch(allowed.headers.get("location")!)).status).toBe(200);
    return true;
  };

  const context = { ...world.context, openBrowser };
  const session = openSession({ context, program: "testflinger", programOptions, options, needsServer: true });
  await run(options, session);
  expect(world.stdout).toBe(`Successfully authenticated as '${ALICE.email}'\n`);
  const { refreshToken } = session.api.auth.storedLogin!;
  expect(await site.store.refreshTokens.find(refreshToken)).toMatchObject({ clientId: ALICE.email });
});

test("login --web says so when the server cannot do it", async () => {
  using server = new ScriptedServer({});
  using world = new World({ env: { TESTFLINGER_SERVER: server.url } });
  const { context } = world;
  const session = openSession({ context, program: "testflinger", programOptions, options, needsServer: true });
  await expect(run(options, session)).rejects.toThrow("run 'testflinger login' without --web");
  expect(world.opened).toEqual([]);
});

test("login --web does not go with a secret key", async () => {
  using server = new ScriptedServer({});
  using world = new World({ env: { TESTFLINGER_SERVER: server.url } });
  const { context } = world;
  const session = openSession({ context, program: "testflinger", programOptions, options, needsServer: true });
  await expect(run({ ...options, method: "credentials" }, session)).rejects.toThrow(
    "not allowed with --method credentials",
  );
});
