import { describe, expect, test } from "bun:test";
import { ConnectionFailure, NetworkError, VpnError } from "../../../src/cli/api/errors.ts";
import { parseServerUrl } from "../../../src/cli/api/server-url.ts";
import { Transport } from "../../../src/cli/api/transport.ts";
import { DeviceEndpoint } from "../../../src/cli/auth/device-endpoint.ts";
import { type DeviceLogin, logInByDevice } from "../../../src/cli/auth/device-flow.ts";
import { AuthenticationError } from "../../../src/cli/auth/errors.ts";
import { LoginStore } from "../../../src/cli/auth/login-store.ts";
import { createProofKey, type ProofKey } from "../../../src/cli/auth/pkce.ts";
import { json, type Script, ScriptedServer, text } from "../support/scripted-server.ts";
import { World, type WorldOptions } from "../support/world.ts";

const INIT = "POST /oidc/auth-init";
const POLL = "POST /oidc/auth-poll/req-1";
const AUTHORIZATION = {
  verification_uri: "https://idp.example.com/device",
  verification_uri_complete: "https://idp.example.com/device?user_code=ABCD-EFGH",
  user_code: "ABCD-EFGH",
  request_id: "req-1",
  interval: 5,
  expires_in: 60,
};
const PENDING = json({ error: "authorization_pending" }, 400);
const DONE = json({ access_token: "at", refresh_token: "rt", expires_in: 600 });

class Login implements Disposable {
  readonly world: World;
  readonly server: ScriptedServer;
  readonly store: LoginStore;

  constructor(script: Script, options: WorldOptions = {}) {
    this.world = new World(options);
    this.server = new ScriptedServer({ [INIT]: json(AUTHORIZATION), ...script });
    this.store = new LoginStore(this.world.home, parseServerUrl(this.server.url), this.world.clock);
  }

  /** Begins the login; no time passes. */
  start({ proof, browser = true }: { proof?: ProofKey; browser?: boolean } = {}): Promise<DeviceLogin | undefined> {
    const { context } = this.world;
    const endpoint = new DeviceEndpoint(new Transport(context), parseServerUrl(this.server.url));
    return logInByDevice({ context, endpoint, store: this.store, proof, browser });
  }

  run(options?: { proof?: ProofKey; browser?: boolean }): Promise<DeviceLogin | undefined> {
    return this.world.clock.run(this.start(options));
  }

  /** Seconds that the whole login took. */
  get seconds(): number {
    return this.world.clock.elapsed() / 1000;
  }

  [Symbol.dispose](): void {
    this.world[Symbol.dispose]();
    this.server[Symbol.dispose]();
  }
}

describe("the device login (RFC 8628)", () => {
  test("asks after each interval until the person is done", async () => {
    using login = new Login({ [POLL]: [PENDING, PENDING, DONE] });
    expect(await login.run()).toEqual({
      kind: "tokens",
      tokens: { accessToken: "at", refreshToken: "rt", expiresIn: 600 },
    });
    expect(login.server.requests).toEqual([INIT, POLL, POLL, POLL]);
    expect(login.server.seen.map(({ body }) => body)).toEqual(["", "", "", ""]);
    expect(login.seconds).toBe(15);
  });

  test("sends its challenge and, with every question, the proof (RFC 7636)", async () => {
    using login = new Login({ [POLL]: [PENDING, DONE] });
    const proof = createProofKey();
    await login.run({ proof });
    const verified = { code_verifier: proof.verifier };
    expect(login.server.seen.map(({ body }) => JSON.parse(body))).toEqual([
      { code_challenge: proof.challenge },
      verified,
      verified,
    ]);
    const digest = new Bun.CryptoHasher("sha256").update(proof.verifier).digest("base64url");
    expect(proof.challenge).toBe(digest);
    expect(proof.verifier).toMatch(/^[A-Za-z0-9_-]{43}$/);
    expect(createProofKey().verifier).not.toBe(proof.verifier);
  });

  test.each([
    [{}, 5],
    [{ interval: "7" }, 5],
    [{ interval: -1 }, 5],
    [{ interval: 0 }, 5],
    [{ interval: 1.5 }, 1.5],
    [{ interval: 1e9, expires_in: 1e9 }, 600],
  ])("with %j asks after %d seconds", async (fields, seconds) => {
    const { interval: _, ...authorization } = AUTHORIZATION;
    using login = new Login({ [INIT]: json({ ...authorization, ...fields }), [POLL]: DONE });
    await login.run();
    expect(login.seconds).toBe(seconds);
  });

  test.each([
    [{ "retry-after": "2" }, 5 + 7],
    [{}, 5 + 10],
    [{ "retry-after": "soon" }, 5 + 10],
    [{ "retry-after": "-3" }, 5 + 10],
  ])("slows down for good when told so, with %j", async (headers, seconds) => {
    const slowDown = () => json({ error: "slow_down" }, 400, headers as Record<string, string>);
    using login = new Login({ [POLL]: [slowDown, PENDING, DONE] });
    await login.run();
    expect(login.seconds).toBe(seconds + (seconds - 5));
  });

  test("waits longer and longer while the server is in trouble, and as before once it is not", async () => {
    const trouble = text("bad gateway", 502);
    using login = new Login({ [POLL]: [trouble, trouble, PENDING, DONE] });
    await login.run();
    expect(login.seconds).toBe(5 + 10 + 20 + 5);
  });

  test.each([
    ["a page with status 200", text("<html>")],
    ["the VPN page", text("<html>", 403)],
    ["a list", json([], 400)],
    ["an error of the server", json({ message: "Failed to communicate with OIDC provider" }, 502)],
    ["too many requests", json({ message: "slow" }, 429)],
  ])("survives %s", async (_, answer) => {
    using login = new Login({ [POLL]: [answer, DONE] });
    expect(await login.run()).toMatchObject({ kind: "tokens" });
  });

  test("waits as long as a server in trouble asks for", async () => {
    using login = new Login({ [POLL]: [text("", 503, { "retry-after": "33" }), DONE] });
    await login.run();
    expect(login.seconds).toBe(5 + 33);
  });

  test("survives a lost connection", async () => {
    let broken = true;
    using login = new Login(
      { [POLL]: DONE },
      {
        fetch: (url, init) => {
          if (!broken || !String(url).includes("auth-poll")) return fetch(url, init);
          broken = false;
          return fetch("http://127.0.0.1:1", init);
        },
      },
    );
    expect(await login.run()).toMatchObject({ kind: "tokens" });
  });

  const refusals: [answer: Response, message: string][] = [
    [json({ error: "access_denied" }, 400), "Authentication failed: access denied"],
    [json({ error: "expired_token" }, 400), "Authentication timed out. Please try again."],
    [json({ error: "invalid_grant" }, 400), "Unexpected error during OIDC authentication: invalid_grant"],
    [json({ error: "x\u001b[2J\ny" }, 500), "Unexpected error during OIDC authentication: x[2J y"],
    [json({ message: "Unknown request" }, 400), "Unexpected error during OIDC authentication: Unknown request"],
    [json({}, 404), "Unexpected error during OIDC authentication: status 404"],
  ];
  test.each(refusals)("ends with the reason (%#)", async (answer, reason) => {
    using login = new Login({ [POLL]: [PENDING, answer] });
    const error = (await login.run().catch((caught: unknown) => caught)) as Error;
    expect(error).toBeInstanceOf(AuthenticationError);
    expect(error.message).toBe(
      `OIDC authentication with Testflinger server failed with following reason:\n${reason}\nPlease reauthenticate with server.`,
    );
  });

  test("ends when the time is up, without asking again", async () => {
    using login = new Login({ [INIT]: json({ ...AUTHORIZATION, expires_in: 12 }), [POLL]: PENDING });
    await expect(login.run()).rejects.toThrow("Authentication timed out. Please try again.");
    expect(login.server.requests).toEqual([INIT, POLL, POLL]);
    expect(login.seconds).toBe(12);
  });

  test("ends when another process has logged in meanwhile", async () => {
    using login = new Login({ [POLL]: PENDING });
    const elsewhere = { clientId: "olga", refreshToken: "elsewhere" };
    await login.store.write({ clientId: "olga", refreshToken: "before" });
    const work = login.start();
    await login.world.clock.untilSomeoneSleeps();
    await login.store.write(elsewhere);
    expect(await login.world.clock.run(work)).toEqual({ kind: "elsewhere", login: elsewhere });
  });
});

describe("a device login that cannot be started", () => {
  test.each([404, 405, 501])("with status %i means that the server has none", async (status) => {
    using login = new Login({ [INIT]: () => new Response(null, { status }) });
    expect(await login.run()).toBeUndefined();
    expect(login.world.stderr).toBe("");
  });

  test.each([
    [json({ message: "x" }, 500), "Failed to initiate OIDC login: [500] x"],
    [json({ message: "no" }, 403), "Failed to initiate OIDC login: [403] no"],
    [text("<html>"), "Failed to initiate OIDC login: the answer is no JSON object"],
    [json({ ...AUTHORIZATION, user_code: undefined }), "Failed to initiate OIDC login: the answer lacks user_code"],
    [json({ ...AUTHORIZATION, request_id: 7 }), "Failed to initiate OIDC login: the answer lacks request_id"],
    [json({ ...AUTHORIZATION, verification_uri: "\u001b" }), "the answer lacks verification_uri"],
  ])("names the reason (%#)", async (answer, message) => {
    using login = new Login({ [INIT]: answer });
    await expect(login.run()).rejects.toThrow(message);
    await expect(login.run()).rejects.toThrow(AuthenticationError);
  });

  test("by the VPN page names the VPN", async () => {
    using login = new Login({ [INIT]: text("<html>", 403) });
    await expect(login.run()).rejects.toThrow(VpnError);
  });

  test("in time is a network error", async () => {
    const arrived = Promise.withResolvers<void>();
    using login = new Login({ [INIT]: () => (arrived.resolve(), new Promise<Response>(() => undefined)) });
    const work = login.run();
    await arrived.promise;
    login.world.clock.advance(15_000);
    await expect(work).rejects.toThrow(NetworkError);
    await expect(work).rejects.toThrow("timed out while initiating OIDC login");
  });

  test("without a connection leaves the failure to the request that needed it", async () => {
    using login = new Login({}, { fetch: (_, init) => fetch("http://127.0.0.1:1", init) });
    await expect(login.run()).rejects.toThrow(ConnectionFailure);
  });
});

describe("the prompt", () => {
  const PROMPT = "Please visit https://idp.example.com/device and enter code ABCD-EFGH to login.\n";

  test("has its exact words in the first line, then the complete address and a warning", async () => {
    using login = new Login({ [POLL]: DONE });
    await login.run();
    expect(login.world.stderr).toStartWith(PROMPT);
    expect(login.world.stderr).toContain("https://idp.example.com/device?user_code=ABCD-EFGH");
    expect(login.world.stderr).toContain("Continue only if you started this login yourself.");
    expect(login.world.stdout).toBe("");
  });

  test("shows no picture and opens no browser without a terminal", async () => {
    using login = new Login({ [POLL]: DONE });
    await login.run();
    expect(login.world.stderr).not.toMatch(/[▀▄█]/);
    expect(login.world.opened).toEqual([]);
  });

  test("shows a QR code and opens the browser, behind the text, on a terminal", async () => {
    using login = new Login({ [POLL]: DONE }, { terminal: true });
    await login.run();
    expect(login.world.stderr).toStartWith(PROMPT);
    expect(login.world.stderr).toMatch(/[▀▄█]{20}/);
    expect(login.world.opened).toEqual(["https://idp.example.com/device?user_code=ABCD-EFGH"]);
  });

  test("uses the plain address when there is no other", async () => {
    const { verification_uri_complete: _, ...plain } = AUTHORIZATION;
    using login = new Login({ [INIT]: json(plain), [POLL]: DONE }, { terminal: true });
    await login.run();
    expect(login.world.opened).toEqual(["https://idp.example.com/device"]);
    expect(login.world.stderr).not.toContain("Or open");
  });

  test.each([{ columns: 30 }, { rows: 24 }])("shows no QR code on a terminal without room: %j", async (size) => {
    using login = new Login({ [POLL]: DONE }, { terminal: true, ...size });
    await login.run();
    expect(login.world.stderr).not.toMatch(/[▀▄█]/);
  });

  test("opens no browser when told not to", async () => {
    using login = new Login({ [POLL]: DONE }, { terminal: true });
    await login.run({ browser: false });
    expect(login.world.opened).toEqual([]);
  });

  test.each([
    ["http://idp.example.com/device", false],
    ["http://127.0.0.1:8080/device", true],
    ["http://[::1]/device", true],
    ["file:///etc/passwd", false],
    ["javascript:alert(1)", false],
    ["--help", false],
  ])("with the address %s opens a browser: %p", async (address, opens) => {
    const authorization = { ...AUTHORIZATION, verification_uri: address, verification_uri_complete: undefined };
    using login = new Login({ [INIT]: json(authorization), [POLL]: DONE }, { terminal: true });
    await login.run();
    expect(login.world.opened).toEqual(opens ? [address] : []);
    expect(login.world.stderr).toContain(address);
  });

  test("lets no text of the server move the cursor", async () => {
    const authorization = {
      ...AUTHORIZATION,
      user_code: "AB\u001b[2J\r\nCD",
      verification_uri: "https://x/\u009b1A\u202e",
    };
    using login = new Login({ [INIT]: json(authorization), [POLL]: DONE });
    await login.run();
    expect(login.world.stderr).toStartWith("Please visit https://x/1A and enter code AB[2J CD to login.\n");
  });
});
