import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import { parseServerUrl } from "../../../src/cli/api/server-url.ts";
import { Transport } from "../../../src/cli/api/transport.ts";
import { logInByLoopback } from "../../../src/cli/auth/loopback-flow.ts";
import { TokenEndpoint } from "../../../src/cli/auth/token-endpoint.ts";
import { accessToken, json, type Script, ScriptedServer } from "../support/scripted-server.ts";
import { World } from "../support/world.ts";

const REDEEM = "POST /v1/oauth2/code";
const TOKENS = json({ access_token: accessToken({ client_id: "olga" }), expires_in: 600, refresh_token: "rt" });

let server: ScriptedServer, world: World;
beforeEach(() => {
  world = new World();
});
afterEach(() => {
  world[Symbol.dispose]();
  server[Symbol.dispose]();
});

/** A login at a server with this script; `visit` is what the browser does with the address that it is shown. */
function logIn(script: Script, visit: (asked: URLSearchParams, url: URL) => unknown, { browser = true } = {}) {
  server = new ScriptedServer(script);
  const url = parseServerUrl(server.url);
  const show = async (text: string) => {
    const shown = new URL(text);
    await visit(shown.searchParams, shown);
    return true;
  };
  const context = { ...world.context, openBrowser: show };
  return logInByLoopback({
    context,
    server: url,
    endpoint: new TokenEndpoint(new Transport(context), url),
    browser,
  });
}

const answer = (asked: URLSearchParams, parameters: Record<string, string>, init: RequestInit = {}) => {
  const url = new URL(asked.get("redirect_uri")!);
  for (const [name, value] of Object.entries(parameters)) url.searchParams.set(name, value);
  return fetch(url, init);
};

describe("a login through the browser of this machine (RFC 8252)", () => {
  test("asks with PKCE and a state, and exchanges the code that comes back", async () => {
    let asked = new URLSearchParams();
    let page = "";
    const tokens = await logIn({ [REDEEM]: TOKENS }, async (parameters, url) => {
      asked = parameters;
      expect(url.origin + url.pathname).toBe(`${server.url}/auth/authorize`);
      page = await (await answer(parameters, { code: "c0de", state: parameters.get("state")! })).text();
    });
    expect(tokens).toMatchObject({ refreshToken: "rt", expiresIn: 600 });
    expect(Object.fromEntries(asked)).toEqual({
      redirect_uri: expect.stringMatching(/^http:\/\/127\.0\.0\.1:\d+\/callback$/),
      state: expect.stringMatching(/^[A-Za-z0-9_-]{43}$/),
      code_challenge: expect.stringMatching(/^[A-Za-z0-9_-]{43}$/),
      code_challenge_method: "S256",
    });
    const { code_verifier, ...sent } = JSON.parse(server.seen[0]!.body);
    expect(sent).toEqual({ code: "c0de", redirect_uri: asked.get("redirect_uri") });
    expect(new Bun.CryptoHasher("sha256").update(code_verifier).digest("base64url")).toBe(asked.get("code_challenge")!);
    expect(page).toContain("You are logged in on the command line");
    expect(world.stderr).toContain(`${server.url}/auth/authorize?redirect_uri=`);
    expect(world.stderr).not.toContain(code_verifier);
    await expect(fetch(asked.get("redirect_uri")!)).rejects.toThrow();
  });

  test("takes no answer but its own", async () => {
    const tokens = await logIn({ [REDEEM]: TOKENS }, async (asked) => {
      const state = asked.get("state")!;
      const { port } = new URL(asked.get("redirect_uri")!);
      const refused = [
        answer(asked, { code: "stolen", state: "another" }),
        answer(asked, { code: "stolen" }),
        answer(asked, { code: "stolen", state }, { method: "POST" }),
        answer(asked, { code: "stolen", state }, { headers: { host: "evil.example" } }),
        fetch(`http://127.0.0.1:${port}/?code=stolen&state=${state}`),
      ];
      expect((await Promise.all(refused)).map(({ status }) => status)).toEqual([404, 404, 404, 404, 404]);
      await answer(asked, { code: "own", state });
    });
    expect(tokens.refreshToken).toBe("rt");
    expect(server.seen.map(({ body }) => JSON.parse(body).code)).toEqual(["own"]);
  });

  test("ends when the person denies it", async () => {
    let page = "";
    const login = logIn({}, async (asked) => {
      page = await (await answer(asked, { error: "access_denied", state: asked.get("state")! })).text();
    });
    await expect(login).rejects.toThrow("access denied");
    expect(page).toContain("You are not logged in");
    expect(server.requests).toEqual([]);
  });

  test("ends when nobody comes", async () => {
    const login = logIn({}, () => undefined);
    await expect(world.clock.run(login)).rejects.toThrow("timed out");
    expect(world.clock.elapsed()).toBe(300_000);
  });

  test("ends when the server does not take the code", async () => {
    const script = { [REDEEM]: json({ message: "The code is not valid, or not any more." }, 400) };
    const login = logIn(script, (asked) => answer(asked, { code: "c0de", state: asked.get("state")! }));
    await expect(login).rejects.toThrow("The server could not finish the login: [400]");
  });

  test("only shows the address where no browser may be opened", async () => {
    const login = logIn({ [REDEEM]: TOKENS }, () => expect.unreachable(), { browser: false });
    const [url] = /http:\S+authorize\S+/.exec(world.stderr) ?? [];
    const asked = new URL(url!).searchParams;
    await answer(asked, { code: "c0de", state: asked.get("state")! });
    expect((await login).refreshToken).toBe("rt");
    expect(world.stderr).not.toContain("should show the page");
  });
});
