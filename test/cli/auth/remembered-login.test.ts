import { describe, expect, test } from "bun:test";
import { existsSync, mkdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { parseServerUrl } from "../../../src/cli/api/server-url.ts";
import { Transport } from "../../../src/cli/api/transport.ts";
import { AccessTokenCache, accessTokenFileBeside } from "../../../src/cli/auth/access-token-cache.ts";
import { LoginStore } from "../../../src/cli/auth/login-store.ts";
import { RememberedLogin } from "../../../src/cli/auth/remembered-login.ts";
import { TokenEndpoint } from "../../../src/cli/auth/token-endpoint.ts";
import { CliError } from "../../../src/cli/errors.ts";
import { createLog } from "../../../src/cli/log.ts";
import { json, type Script, ScriptedServer } from "../support/scripted-server.ts";
import { World } from "../support/world.ts";

const LOGIN = { clientId: "olga", refreshToken: "rt" };
const REFRESH = "POST /v1/oauth2/refresh";
const TOKENS = { accessToken: "at", refreshToken: undefined, expiresIn: 600 };

class Scene implements Disposable {
  readonly world = new World();
  readonly server: ScriptedServer;
  readonly store: LoginStore;
  readonly login: RememberedLogin;

  constructor(script: Script, supportsRotation = false) {
    this.server = new ScriptedServer(script);
    const server = parseServerUrl(this.server.url);
    this.store = new LoginStore(this.world.home, server, this.world.clock);
    this.login = new RememberedLogin({
      store: this.store,
      cache: new AccessTokenCache(() => accessTokenFileBeside(this.store.file), this.world.clock),
      endpoint: new TokenEndpoint(new Transport(this.world.context), server),
      supportsRotation: async () => supportsRotation,
      log: createLog(this.world.context),
    });
  }

  /** Puts something in the way of the lock. */
  blockLock(): void {
    mkdirSync(`${this.store.file}.lock`, { recursive: true });
  }

  [Symbol.dispose](): void {
    this.world[Symbol.dispose]();
    this.server[Symbol.dispose]();
  }
}

describe("where no lock can be made", () => {
  test("the login is refreshed, but its refresh token not replaced, since it could not be stored", async () => {
    using scene = new Scene({ [REFRESH]: json({ access_token: "at" }) }, true);
    await scene.store.write(LOGIN);
    scene.blockLock();
    expect(await scene.login.accessToken(LOGIN, undefined)).toBe("at");
    expect(JSON.parse(scene.server.seen[0]!.body)).toEqual({ refresh_token: "rt" });
  });

  test("a new login is not remembered, with a warning", async () => {
    using scene = new Scene({});
    scene.blockLock();
    await scene.login.replace(LOGIN, TOKENS);
    expect(scene.world.stderr).toMatch(/^WARNING: .* The login could not be stored in .*: /);
    expect(scene.login.read()).toBeUndefined();
  });

  test("the login is forgotten all the same", async () => {
    using scene = new Scene({});
    await scene.store.write(LOGIN);
    scene.blockLock();
    await scene.login.forget();
    expect(existsSync(scene.store.file)).toBe(false);
  });
});

describe("forgetting", () => {
  test("takes the access token along", async () => {
    using scene = new Scene({});
    await scene.login.replace(LOGIN, TOKENS);
    const cached = join(scene.world.home, "testflinger-cli/127_0_0_1/access.json");
    expect(existsSync(cached)).toBe(true);
    await scene.login.forget();
    expect([existsSync(scene.store.file), existsSync(cached)]).toEqual([false, false]);
  });

  test("makes no folder where nothing was stored", async () => {
    using scene = new Scene({});
    await scene.login.forget();
    expect(existsSync(join(scene.world.home, "testflinger-cli"))).toBe(false);
  });

  test("what cannot be removed is an error that names the file", async () => {
    using scene = new Scene({});
    mkdirSync(join(scene.store.file, "in-the-way"), { recursive: true });
    await expect(scene.login.forget()).rejects.toThrow(`Cannot remove the stored login in ${scene.store.file}: `);
    await expect(scene.login.forget()).rejects.toThrow(CliError);
  });
});

describe("a replaced refresh token", () => {
  test("that cannot be stored does not stop the command, with a warning", async () => {
    using scene = new Scene({
      [REFRESH]: () => {
        rmSync(scene.store.file);
        mkdirSync(join(scene.store.file, "in-the-way"), { recursive: true });
        return json({ access_token: "at", refresh_token: "next" });
      },
    });
    await scene.store.write(LOGIN);
    expect(await scene.login.accessToken(LOGIN, undefined)).toBe("at");
    expect(scene.world.stderr).toContain("The renewed login could not be stored, log in again soon: ");
  });

  test("of a login that was removed meanwhile is not asked for", async () => {
    using scene = new Scene({});
    expect(await scene.login.accessToken(LOGIN, undefined)).toBeUndefined();
    expect(scene.server.requests).toEqual([]);
  });
});
