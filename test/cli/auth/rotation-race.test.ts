import { expect, test } from "bun:test";
import { join } from "node:path";
import { parseServerUrl } from "../../../src/cli/api/server-url.ts";
import { LoginStore } from "../../../src/cli/auth/login-store.ts";
import { listen } from "../../../src/server/listen.ts";
import { hashSecret } from "../../../src/server/tokens/client-secret.ts";
import { testApp } from "../../support/test-app.ts";
import { World } from "../support/world.ts";

const PROCESSES = 50;
const SECRET = "a-long-enough-secret";

test("fifty commands at once replace a refresh token of the real server once, and the login lives on", async () => {
  using world = new World();
  const app = await testApp({ oidc: true });
  const server = await listen((request, socket) => app.fetch(request, socket), "127.0.0.1", 0);
  await app.store.clients.create({ id: "olga", secretHash: await hashSecret(SECRET), permissions: {} });
  const login = await fetch(`${server.url}/v1/oauth2/token`, {
    method: "POST",
    headers: { authorization: `Basic ${btoa(`olga:${SECRET}`)}` },
  });
  const { refresh_token: refreshToken } = (await login.json()) as { refresh_token: string };
  const store = new LoginStore(join(world.home, ".config"), parseServerUrl(server.url), world.clock);
  await store.write({ clientId: "olga", refreshToken });

  const command = [process.execPath, join(import.meta.dir, "one-request.ts"), server.url];
  const env = { PATH: process.env.PATH, HOME: world.home };
  const children = Array.from({ length: PROCESSES }, () =>
    Bun.spawn(command, { env, stdin: "ignore", stderr: "pipe" }),
  );
  const failures = await Promise.all(
    children.map(async (child) => [await new Response(child.stderr).text(), await child.exited] as const),
  );

  expect(failures.filter(([, code]) => code !== 0)).toEqual([]);
  const kept = store.read()!;
  expect(kept.refreshToken).not.toBe(refreshToken);
  expect(await app.store.refreshTokens.find(refreshToken)).toMatchObject({
    revoked: false,
    replaced: { byPresent: true },
  });
  const [living, ...others] = await app.store.refreshTokens.ofClient("olga", new Date());
  expect(others).toEqual([]);
  expect(await app.store.refreshTokens.find(kept.refreshToken)).toEqual(living!);
  await server.stop(0);
  await app.close();
}, 60_000);
