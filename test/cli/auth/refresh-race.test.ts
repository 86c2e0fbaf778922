import { expect, test } from "bun:test";
import { join } from "node:path";
import { parseServerUrl } from "../../../src/cli/api/server-url.ts";
import { LoginStore } from "../../../src/cli/auth/login-store.ts";
import { accessToken, json, ScriptedServer } from "../support/scripted-server.ts";
import { World } from "../support/world.ts";

const PROCESSES = 50;
const REFRESH = "POST /v1/oauth2/refresh";

/** A server that replaces refresh tokens, and takes the use of an old one for theft, as RFC 9700 section 4.14.2 wants. */
function rotatingServer() {
  let generation = 0;
  const features = ["refresh-rotation"];
  const server: ScriptedServer = new ScriptedServer({
    "GET /v1/server": json({ name: "t", version: "1", auth: { anonymous: false, oidc: true }, features }),
    "GET /v1/agents/queues": () =>
      server.seen.at(-1)!.headers.authorization ? json({}) : json({ message: "who?" }, 401),
    [REFRESH]: () => {
      const { refresh_token: presented } = JSON.parse(server.seen.at(-1)!.body) as { refresh_token: string };
      if (presented !== `rt-${generation}`) return json({ message: "Refresh token revoked." }, 400);
      generation++;
      const token = accessToken({ client_id: "olga" }, Date.now() / 1000 + 600);
      return json({ access_token: token, expires_in: 600, refresh_token: `rt-${generation}` });
    },
  });
  return server;
}

test("fifty commands at once with an old access token refresh once, and nobody is logged out", async () => {
  using world = new World();
  using server = rotatingServer();
  const store = new LoginStore(join(world.home, ".config"), parseServerUrl(server.url), world.clock);
  await store.write({ clientId: "olga", refreshToken: "rt-0" });

  const command = [process.execPath, join(import.meta.dir, "one-request.ts"), server.url];
  const env = { PATH: process.env.PATH, HOME: world.home };
  const children = Array.from({ length: PROCESSES }, () =>
    Bun.spawn(command, { env, stdin: "ignore", stderr: "pipe" }),
  );
  const failures = await Promise.all(
    children.map(async (child) => [await new Response(child.stderr).text(), await child.exited] as const),
  );

  expect(failures.filter(([, code]) => code !== 0)).toEqual([]);
  expect(server.requests.filter((request) => request === REFRESH)).toHaveLength(1);
  expect(server.calls.filter((call) => call.startsWith("GET /v1/agents/queues Bearer "))).toHaveLength(PROCESSES);
  expect(store.read()).toEqual({ clientId: "olga", refreshToken: "rt-1" });
}, 60_000);
