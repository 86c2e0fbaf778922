import { afterAll, beforeAll, beforeEach, describe, expect, test } from "bun:test";
import { join } from "node:path";
import { type Client, clientHome } from "./support/client.ts";
import { type Deployment, deploy, oidcVariables } from "./support/deployment.ts";
import { identityProvider, type TestProvider } from "./support/identity-provider.ts";

const SECRET = "a secret of the CI system";
/** A command that asks the server for one thing. */
const COMMAND = ["list-agents"];
const ASKS = "GET /v1/agents/data";
/** Asked before a stored login is used, to learn how the server renews logins. */
const ASKS_WHAT_IT_CAN = { line: "GET /v1/server", scheme: "none" };

let provider: TestProvider;
let open: Deployment;
let closed: Deployment;

beforeAll(async () => {
  provider = await identityProvider();
  open = await deploy();
  closed = await deploy(oidcVariables(provider.issuer, provider.clientId));
  for (const deployment of [open, closed]) await deployment.createClient("ci", SECRET);
});
afterAll(async () => {
  await open[Symbol.asyncDispose]();
  await closed[Symbol.asyncDispose]();
  await provider[Symbol.asyncDispose]();
});
beforeEach(() => {
  open.proxy.clear();
  closed.proxy.clear();
});

const homeAt = ({ proxy, server }: Deployment, env: Record<string, string> = {}): Promise<Client> =>
  clientHome({ TESTFLINGER_SERVER: proxy.url, ...env }, server.watch);

const linesOf = ({ proxy }: Deployment): string[] => proxy.requests.map(({ line }) => line);

/** A refresh token that the server really issued. */
async function refreshTokenOf({ server }: Deployment): Promise<string> {
  const authorization = `Basic ${btoa(`ci:${SECRET}`)}`;
  const answer = await fetch(`${server.url}/v1/oauth2/token`, { method: "POST", headers: { authorization } });
  return ((await answer.json()) as { refresh_token: string }).refresh_token;
}

describe("(a) with client id and secret", () => {
  test("the client authenticates with them and leaves the stored login alone", async () => {
    await using home = await homeAt(closed, { TESTFLINGER_CLIENT_ID: "ci", TESTFLINGER_SECRET_KEY: SECRET });
    await home.storeLogin("somebody", "a token of theirs");
    const before = home.storedLogin();
    const { status, stderr } = await home.run(...COMMAND);
    expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
    expect(closed.proxy.requests).toEqual([
      { line: "POST /v1/oauth2/token", scheme: "Basic" },
      { line: ASKS, scheme: "Bearer" },
    ]);
    expect(home.storedLogin()).toBe(before!);
  });

  test("the client stores no login of its own", async () => {
    await using home = await homeAt(closed, { TESTFLINGER_CLIENT_ID: "ci", TESTFLINGER_SECRET_KEY: SECRET });
    expect((await home.run(...COMMAND)).status).toBe(0);
    expect(home.storedLogin()).toBeUndefined();
  });

  test("wrong ones end the command; nothing else is tried", async () => {
    await using home = await homeAt(closed, { TESTFLINGER_CLIENT_ID: "ci", TESTFLINGER_SECRET_KEY: "not the secret" });
    const { status, stdout, stderr } = await home.run(...COMMAND);
    expect({ status, stdout }).toEqual({ status: 1, stdout: "" });
    expect(stderr).toContain("Authentication with Testflinger server failed");
    expect(linesOf(closed)).toEqual(["POST /v1/oauth2/token"]);
  });
});

test("(b) a stored login that the server knows is used", async () => {
  await using home = await homeAt(closed);
  await home.storeLogin("ci", await refreshTokenOf(closed));
  const { status, stderr } = await home.run(...COMMAND);
  expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
  expect(closed.proxy.requests).toEqual([
    ASKS_WHAT_IT_CAN,
    { line: "POST /v1/oauth2/refresh", scheme: "none" },
    { line: ASKS, scheme: "Bearer" },
  ]);
  expect(home.storedLogin()).toContain("client_id = ci");
});

test("(c) a stored login that was rejected is forgotten, the person logs in, and the command goes on by itself", async () => {
  await using home = await homeAt(closed);
  await home.storeLogin("ci", "a token nobody issued");
  const person = provider.logInNextDevice("grace");
  const command = home.startInTerminal(...COMMAND);
  const { userCode } = await person;
  await command.screen.shows(`enter code ${userCode} to login.`);
  expect(await command.status).toBe(0);
  const lines = linesOf(closed);
  expect(lines.slice(0, 3)).toEqual([ASKS_WHAT_IT_CAN.line, "POST /v1/oauth2/refresh", "POST /oidc/auth-init"]);
  expect(closed.proxy.requests.at(-1)).toEqual({ line: ASKS, scheme: "Bearer" });
  expect(home.storedLogin()).toContain("client_id = grace@example.com");
  expect(home.storedLogin()).not.toContain("a token nobody issued");
});

test("(d) a stored login that was rejected where nobody can log in is forgotten with one clear line", async () => {
  await using home = await homeAt(open);
  await home.storeLogin("ci", "a token nobody issued");
  const command = home.startInTerminal(...COMMAND);
  expect(await command.status).toBe(1);
  expect(command.screen.text.trimEnd().split("\r\n")).toEqual([
    "Authentication with Testflinger server failed with following reason: Invalid or expired refresh token. " +
      "Please reauthenticate with server. Run: testflinger login",
  ]);
  expect(home.storedLogin()).toBeUndefined();
  expect(linesOf(open)).not.toContain(ASKS);

  open.proxy.clear();
  expect((await home.run(...COMMAND)).status).toBe(0);
  expect(open.proxy.requests).toEqual([{ line: ASKS, scheme: "none" }]);
});

test("(e) with nothing stored, a server that is open is asked once, without a login", async () => {
  await using home = await homeAt(open);
  const { status, stderr } = await home.run(...COMMAND);
  expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
  expect(open.proxy.requests).toEqual([{ line: ASKS, scheme: "none" }]);
  expect(home.storedLogin()).toBeUndefined();
});

describe("(f) with nothing stored, at a server that wants a login", () => {
  test("the person logs in and the command goes on by itself", async () => {
    await using home = await homeAt(closed);
    const person = provider.logInNextDevice("linus");
    const command = home.startInTerminal(...COMMAND);
    const { userCode, verificationUriComplete } = await person;
    await command.screen.shows(`enter code ${userCode} to login.`);
    await command.screen.shows(verificationUriComplete);
    expect(await command.status).toBe(0);
    expect(closed.proxy.requests[0]).toEqual({ line: ASKS, scheme: "none" });
    expect(closed.proxy.requests.at(-1)).toEqual({ line: ASKS, scheme: "Bearer" });
    expect(home.storedLogin()).toContain("client_id = linus@example.com");

    closed.proxy.clear();
    expect((await home.run(...COMMAND)).status).toBe(0);
    expect(linesOf(closed)).not.toContain("POST /oidc/auth-init");
  });

  test("without a terminal the command ends at once and says what to do", async () => {
    await using home = await homeAt(closed);
    const { status, stdout, stderr } = await home.run(...COMMAND);
    expect({ status, stdout }).toEqual({ status: 1, stdout: "" });
    expect(stderr).toContain("testflinger login");
    expect(stderr).toContain("TESTFLINGER_CLIENT_ID");
    expect(linesOf(closed)).not.toContain("POST /oidc/auth-init");
  });
});

test.each([
  ["client id", ["--client-id", "ci"]],
  ["secret key", ["--secret-key", SECRET]],
])("(g) only the %s is a usage error, and nothing is sent", async (_, option) => {
  await using home = await homeAt(closed);
  const { status, stdout, stderr } = await home.run("submit", ...option, "job.yaml");
  expect({ status, stdout }).toEqual({ status: 2, stdout: "" });
  expect(stderr).toContain("Both --client-id and --secret-key must be provided together");
  expect(closed.proxy.requests).toEqual([]);
});

test("(h) a client changes its own secret key, and gets on with the new one, which alone lets it in", async () => {
  const [former, next] = ["the former secret key", "the next secret key of it"];
  await closed.createClient("rotating", former);
  await using home = await homeAt(closed);
  const configuration = join(home.folder, "config", "testflinger-cli.conf");
  await Bun.write(configuration, `[testflinger-cli]\nclient_id = rotating\nsecret_key = ${former}\n`);
  await Bun.write(join(home.folder, "key.txt"), `${next}\n`);
  expect((await home.run(...COMMAND)).status).toBe(0);

  const { status, stdout, stderr } = await home.run("change-secret-key", "--new-secret-key-file", "key.txt");
  expect({ status, stdout, stderr }).toEqual({
    status: 0,
    stdout: "Changed the secret key of 'rotating' and ended its logins.\n",
    stderr: "",
  });
  expect(await Bun.file(configuration).text()).toContain(`secret_key = ${next}\n`);
  closed.proxy.clear();
  expect((await home.run(...COMMAND)).status).toBe(0);
  // What is kept for the former key is not good for the new one.
  expect(linesOf(closed)).toEqual(["POST /v1/oauth2/token", ASKS]);
  await using left = await homeAt(closed, { TESTFLINGER_CLIENT_ID: "rotating", TESTFLINGER_SECRET_KEY: former });
  expect((await left.run(...COMMAND)).status).toBe(1);
});
