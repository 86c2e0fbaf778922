import { describe, expect, test } from "bun:test";
import { existsSync } from "node:fs";
import { join } from "node:path";
import type { ApiClient, ApiSettings } from "../../../src/cli/api/client.ts";
import { ConnectionFailure, HttpError, NetworkError } from "../../../src/cli/api/errors.ts";
import { parseServerUrl } from "../../../src/cli/api/server-url.ts";
import { AuthenticationError } from "../../../src/cli/auth/errors.ts";
import { LoginStore, type StoredLogin } from "../../../src/cli/auth/login-store.ts";
import { clientFor } from "../support/client.ts";
import { accessToken, json, type Script, ScriptedServer, text } from "../support/scripted-server.ts";
import { World, type WorldOptions } from "../support/world.ts";

const [INIT, POLL] = ["POST /oidc/auth-init", "POST /oidc/auth-poll/req-1"];
const [TOKEN, REFRESH] = ["POST /v1/oauth2/token", "POST /v1/oauth2/refresh"];
const S = "GET /v1/agents/queues";
const BASIC = `Basic ${btoa("ci:secret")}`;
const CREDENTIALS = { clientId: "ci", secretKey: "secret" };
const STORED = { clientId: "olga", refreshToken: "rt-old" };

const ONE = accessToken({ client_id: "olga", role: "contributor", n: 1 });
const TWO = accessToken({ client_id: "olga", role: "contributor", n: 2 });
const tokens = (token: string, refreshToken?: string) =>
  json({ access_token: token, expires_in: 600, refresh_token: refreshToken });
const DEVICE = {
  [INIT]: json({ verification_uri: "https://idp/", user_code: "C", request_id: "req-1", interval: 1 }),
  [POLL]: tokens(ONE, "rt-new"),
};
const NO_DEVICE = { [INIT]: text("Not Found", 404) };
const UNAUTHORIZED = json({ message: "who?" }, 401);

/** One user at one server. */
class Scene implements Disposable {
  readonly world: World;
  readonly server: ScriptedServer;
  readonly store: LoginStore;

  constructor(
    script: Script,
    private readonly options: WorldOptions & { settings?: Partial<ApiSettings>; login?: StoredLogin } = {},
  ) {
    this.world = new World(options);
    this.server = new ScriptedServer({ [S]: json({ q: "d" }), ...script });
    const home = join(this.world.home, ".config");
    this.store = new LoginStore(home, parseServerUrl(this.server.url), this.world.clock);
  }

  async prepare(): Promise<this> {
    if (this.options.login) await this.store.write(this.options.login);
    return this;
  }

  /** What a new process would use. */
  api(settings = this.options.settings): ApiClient {
    return clientFor(this.world, this.server.url, settings);
  }

  /** The command's own request, in a new process by default. */
  run(api = this.api()): Promise<unknown> {
    return this.world.clock.run(api.agents.queues());
  }

  [Symbol.dispose](): void {
    this.world[Symbol.dispose]();
    this.server[Symbol.dispose]();
  }
}

const scene = (...args: ConstructorParameters<typeof Scene>) => new Scene(...args).prepare();

describe("who a request is made as (cli section 5.9)", () => {
  test("(a) credentials are exchanged first, and nothing is stored", async () => {
    using at = await scene({ [TOKEN]: tokens(ONE, "rt-ci") }, { settings: CREDENTIALS, login: STORED });
    await at.run();
    expect(at.server.calls).toEqual([`${TOKEN} ${BASIC}`, `${S} Bearer ${ONE}`]);
    expect(at.store.read()).toEqual(STORED);
  });

  test("(a) the next command with the same credentials makes one request, while the access token is good", async () => {
    using at = await scene({ [TOKEN]: [tokens(ONE), tokens(TWO)] }, { settings: CREDENTIALS });
    await at.run();
    await at.run();
    at.world.clock.advance(600_000);
    await at.run();
    expect(at.server.calls).toEqual([
      `${TOKEN} ${BASIC}`,
      `${S} Bearer ${ONE}`,
      `${S} Bearer ${ONE}`,
      `${TOKEN} ${BASIC}`,
      `${S} Bearer ${TWO}`,
    ]);
  });

  test.each([
    ["another secret key", { ...CREDENTIALS, secretKey: "new" }],
    ["another client id", { ...CREDENTIALS, clientId: "cd" }],
  ])("(a) %s gets a token of its own", async (_, settings) => {
    using at = await scene({ [TOKEN]: [tokens(ONE), tokens(TWO)] }, { settings: CREDENTIALS });
    await at.run();
    await at.run(at.api(settings));
    expect(at.server.calls.at(-1)).toBe(`${S} Bearer ${TWO}`);
  });

  test.each([401, 403, 500])("(a') credentials answered %i are fatal; nothing else is tried", async (status) => {
    using at = await scene(
      { [TOKEN]: text("no", status), ...DEVICE },
      { settings: CREDENTIALS, login: STORED, terminal: true },
    );
    await expect(at.run()).rejects.toThrow(AuthenticationError);
    expect(at.server.calls).toEqual([`${TOKEN} ${BASIC}`]);
    expect(at.store.read()).toEqual(STORED);
  });

  test("(b) a stored login is refreshed", async () => {
    using at = await scene({ [REFRESH]: tokens(ONE) }, { login: STORED });
    await at.run();
    expect(at.server.calls).toEqual([REFRESH, `${S} Bearer ${ONE}`]);
    expect(at.store.read()).toEqual(STORED);
  });

  test("(b) the next command makes one request, while the access token is good", async () => {
    using at = await scene({ [REFRESH]: [tokens(ONE), tokens(TWO)] }, { login: STORED });
    await at.run();
    await at.run();
    at.world.clock.advance(600_000);
    await at.run();
    expect(at.server.calls).toEqual([
      REFRESH,
      `${S} Bearer ${ONE}`,
      `${S} Bearer ${ONE}`,
      REFRESH,
      `${S} Bearer ${TWO}`,
    ]);
    expect(at.server.requests.filter((request) => request === "GET /v1/server")).toHaveLength(2);
  });

  test("(b') an access token that ends during the command is renewed once", async () => {
    using at = await scene({ [REFRESH]: [tokens(ONE), tokens(TWO)], [S]: [UNAUTHORIZED, json({})] }, { login: STORED });
    await at.run();
    expect(at.server.calls).toEqual([REFRESH, `${S} Bearer ${ONE}`, REFRESH, `${S} Bearer ${TWO}`]);
  });

  test("(b') with credentials, they are exchanged again", async () => {
    using at = await scene(
      { [TOKEN]: [tokens(ONE), tokens(TWO)], [S]: [UNAUTHORIZED, json({})] },
      { settings: CREDENTIALS },
    );
    await at.run();
    expect(at.server.calls).toEqual([
      `${TOKEN} ${BASIC}`,
      `${S} Bearer ${ONE}`,
      `${TOKEN} ${BASIC}`,
      `${S} Bearer ${TWO}`,
    ]);
  });

  test("(b') requests that are told the same at the same time renew once", async () => {
    using at = await scene(
      { [REFRESH]: [tokens(ONE), tokens(TWO)], [S]: [UNAUTHORIZED, UNAUTHORIZED, UNAUTHORIZED, json({})] },
      { login: STORED },
    );
    const api = at.api();
    await Promise.all([at.run(api), at.run(api), at.run(api)]);
    expect(at.server.calls.filter((call) => call === REFRESH)).toHaveLength(2);
  });

  test.each([401, 403, 500])("(b'') a refresh answered %i is fatal and keeps the login", async (status) => {
    using at = await scene({ [REFRESH]: text("no", status), ...DEVICE }, { login: STORED, terminal: true });
    await expect(at.run()).rejects.toThrow(AuthenticationError);
    expect(at.server.calls).toEqual([REFRESH]);
    expect(at.store.read()).toEqual(STORED);
  });

  test("(c) a rejected login is forgotten, and the person logs in again", async () => {
    using at = await scene({ [REFRESH]: json({}, 400), ...DEVICE }, { login: STORED, terminal: true });
    await at.run();
    expect(at.server.calls).toEqual([REFRESH, INIT, POLL, `${S} Bearer ${ONE}`]);
    expect(at.store.read()).toEqual({ clientId: "olga", refreshToken: "rt-new" });
  });

  test("(d) a rejected login is fatal on a server without device login; a rerun is anonymous", async () => {
    using at = await scene({ [REFRESH]: json({}, 400), ...NO_DEVICE }, { login: STORED, terminal: true });
    await expect(at.run()).rejects.toThrow("Invalid or expired refresh token.");
    expect(at.store.read()).toBeUndefined();
    await at.run();
    expect(at.server.calls).toEqual([REFRESH, INIT, S]);
  });

  test("(d) a rejected login is fatal without a terminal, whatever the server has", async () => {
    using at = await scene({ [REFRESH]: json({}, 400), ...DEVICE }, { login: STORED });
    await expect(at.run()).rejects.toThrow("Please reauthenticate with server.");
    expect(at.server.calls).toEqual([REFRESH]);
    expect(at.store.read()).toBeUndefined();
  });

  test("(e) nobody makes requests anonymously, and nothing else is asked (W16)", async () => {
    using at = await scene({}, { terminal: true });
    await at.run();
    expect(at.server.requests).toEqual([S]);
  });

  test.each([true, false])(
    "(e') a 401 is reported on a server without device login; terminal: %p",
    async (terminal) => {
      using at = await scene({ [S]: UNAUTHORIZED, ...NO_DEVICE }, { terminal });
      await expect(at.run()).rejects.toEqual(new HttpError(401, "who?", '{"message":"who?"}'));
      expect(at.server.calls).toEqual([S, INIT]);
    },
  );

  test("(f) a 401 starts the device login on a terminal", async () => {
    using at = await scene({ [S]: [UNAUTHORIZED, json({})], ...DEVICE }, { terminal: true });
    await at.run();
    expect(at.server.calls).toEqual([S, INIT, POLL, `${S} Bearer ${ONE}`]);
    expect(at.store.read()).toEqual({ clientId: "olga", refreshToken: "rt-new" });
  });

  test("(f) a 401 without a terminal says what to do (W15)", async () => {
    using at = await scene({ [S]: UNAUTHORIZED, ...DEVICE });
    await expect(at.run()).rejects.toThrow("run 'testflinger login'");
    await expect(at.run()).rejects.toThrow(AuthenticationError);
    expect(at.server.calls).not.toContain(POLL);
  });

  test("(f) a server that tells whether it has device login is not asked for one", async () => {
    const info = (oidc: boolean) => json({ name: "t", version: "1", auth: { anonymous: false, oidc }, features: [] });
    using has = await scene({ [S]: UNAUTHORIZED, "GET /v1/server": info(true), ...DEVICE });
    await expect(has.run()).rejects.toThrow(AuthenticationError);
    using lacks = await scene({ [S]: UNAUTHORIZED, "GET /v1/server": info(false), ...DEVICE });
    await expect(lacks.run()).rejects.toThrow(HttpError);
    expect([...has.server.calls, ...lacks.server.calls]).toEqual([S, S]);
  });

  test.each([{ clientId: "ci" }, { secretKey: "s" }, { clientId: "ci", secretKey: "" }])(
    "(g') half a pair is ignored: %j",
    async (settings) => {
      using at = await scene({ [REFRESH]: tokens(ONE) }, { settings, login: STORED });
      await at.run();
      expect(at.server.calls).toEqual([REFRESH, `${S} Bearer ${ONE}`]);
    },
  );

  test("the device login proves itself where the server checks that", async () => {
    const info = json({ name: "t", version: "1", auth: { anonymous: false, oidc: true }, features: ["device-pkce"] });
    using at = await scene({ [S]: [UNAUTHORIZED, json({})], "GET /v1/server": info, ...DEVICE }, { terminal: true });
    await at.run();
    const bodies = at.server.seen
      .filter(({ target }) => target.startsWith("/oidc/"))
      .map(({ body }) => JSON.parse(body));
    expect(bodies).toEqual([{ code_challenge: expect.any(String) }, { code_verifier: expect.any(String) }]);
  });
});

describe("the refresh token", () => {
  const ROTATING = {
    "GET /v1/server": json({
      name: "t",
      version: "1",
      auth: { anonymous: false, oidc: true },
      features: ["refresh-rotation"],
    }),
  };

  test("is replaced where the server can do that", async () => {
    using at = await scene({ [REFRESH]: [tokens(ONE, "rt-2"), tokens(TWO, "rt-3")], ...ROTATING }, { login: STORED });
    await at.run();
    expect(at.store.read()).toEqual({ clientId: "olga", refreshToken: "rt-2" });
    at.world.clock.advance(600_000);
    await at.run();
    const bodies = at.server.seen
      .filter(({ target }) => target.endsWith("refresh"))
      .map(({ body }) => JSON.parse(body));
    expect(bodies).toEqual([
      { refresh_token: "rt-old", rotate: true },
      { refresh_token: "rt-2", rotate: true },
    ]);
    expect(at.store.read()).toEqual({ clientId: "olga", refreshToken: "rt-3" });
  });

  test("of a login that another process has replaced meanwhile is not used", async () => {
    using at = await scene({ [REFRESH]: tokens(ONE) }, { login: STORED });
    const other = { clientId: "olga", refreshToken: "rt-newer" };
    const held = Promise.withResolvers<void>();
    const holding = at.store.exclusively(async () => {
      await held.promise;
      await at.store.write(other);
    });
    const work = at.api().agents.queues();
    await at.world.clock.untilSomeoneSleeps();
    held.resolve();
    await holding;
    await at.world.clock.run(work);
    expect(JSON.parse(at.server.seen.find(({ target }) => target.endsWith("refresh"))!.body)).toEqual({
      refresh_token: "rt-newer",
    });
  });

  test("is not waited for longer than 45 seconds", async () => {
    using at = await scene({ [REFRESH]: tokens(ONE) }, { login: STORED });
    const held = Promise.withResolvers<void>();
    const holding = at.store.exclusively(() => held.promise);
    await expect(at.run()).rejects.toThrow("Another testflinger process has been using");
    expect(at.world.clock.elapsed()).toBeWithin(45_000, 46_000);
    held.resolve();
    await holding;
  });
});

describe("problems on the way to a token", () => {
  test("without a connection count as those of the request", async () => {
    using world = new World();
    const api = clientFor(world, "http://127.0.0.1:1", CREDENTIALS);
    await expect(api.agents.queues()).rejects.toThrow(ConnectionFailure);
    await expect(api.jobs.cancel("j")).rejects.toThrow(NetworkError);
  });

  test("are forgotten by the next request", async () => {
    using at = await scene({ [TOKEN]: [text("busy", 503), tokens(ONE)] }, { settings: CREDENTIALS });
    const api = at.api();
    await expect(at.run(api)).rejects.toThrow("[503] busy");
    await at.run(api);
    expect(at.server.calls.at(-1)).toBe(`${S} Bearer ${ONE}`);
  });

  test("a login that travels in clear is warned about, once (W12)", async () => {
    using world = new World({ fetch: async () => tokens(ONE) });
    const api = clientFor(world, "http://testflinger.example.com", CREDENTIALS);
    await api.auth.token();
    await api.auth.renew(ONE);
    expect(world.stderr.match(/WARNING: .*http:\/\/testflinger\.example\.com is not encrypted/g)).toHaveLength(1);
  });
});

describe("authenticating for its own sake", () => {
  test("names the caller", async () => {
    using at = await scene({ [REFRESH]: tokens(accessToken({ client_id: "olga", role: "admin" })) }, { login: STORED });
    expect(await at.api().auth.authenticate()).toMatchObject({ clientId: "olga", role: "admin" });
  });

  test("is one exchange, also for the requests that follow", async () => {
    using at = await scene({ [TOKEN]: tokens("opaque") }, { settings: CREDENTIALS });
    const api = at.api();
    expect(await api.auth.authenticate()).toMatchObject({ clientId: "ci", role: undefined });
    await at.run(api);
    expect(at.server.calls).toEqual([`${TOKEN} ${BASIC}`, `${S} Bearer opaque`]);
  });

  test("finds nobody on a server without logins for people", async () => {
    using at = await scene(NO_DEVICE);
    expect(await at.api().auth.authenticate()).toBeUndefined();
  });

  test("logs the person in on a terminal, and refuses without one", async () => {
    using at = await scene(DEVICE, { terminal: true });
    expect(await at.world.clock.run(at.api().auth.authenticate())).toMatchObject({ clientId: "olga" });
    using pipe = await scene(DEVICE);
    await expect(pipe.api().auth.authenticate()).rejects.toThrow(AuthenticationError);
  });

  test("identifying logs nobody in", async () => {
    using at = await scene({ [REFRESH]: json({}, 400), ...DEVICE }, { login: STORED, terminal: true });
    expect(await at.api().auth.identify()).toBeUndefined();
    expect(at.server.calls).toEqual([REFRESH]);
    expect(await at.api().auth.identify()).toBeUndefined();
    expect(existsSync(at.store.file)).toBe(false);
  });
});
