import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { type ServerProcess, startServer } from "../support/server-process.ts";
import { type StoreForServers, storesForServers } from "../support/stores.ts";
import { startIdp, startWebhook } from "./server/doubles.ts";
import { load, replay, type Scenario, type Target } from "./server/replay.ts";

const SIGNING_KEY = "a signing key for conformance tests, long enough";

/** Rate limits stay as they are; only the secrets and the login differ between the servers that scenarios ask for. */
type Variant = "off" | "on" | "no-secrets";

const variantOf = ({ oidc, needs = [] }: Scenario): Variant => (needs.includes("no-secrets") ? "no-secrets" : oidc);

describe.each(storesForServers())("the recorded server on $name", ({ open }) => {
  const stores: StoreForServers[] = [];
  const servers: ServerProcess[] = [];
  const targets = {} as Record<Variant, Target>;
  const idp = startIdp(),
    webhook = startWebhook();

  beforeAll(async () => {
    const common = { JWT_SIGNING_KEY: SIGNING_KEY, WEBHOOK_URL: `http://127.0.0.1:${webhook.port}/` };
    const secrets = { TESTFLINGER_SECRETS_MASTER_KEY: Buffer.alloc(96, 7).toString("base64") };
    const login = {
      OIDC_CLIENT_ID: "testflinger-client",
      OIDC_PROVIDER_ISSUER: `http://127.0.0.1:${idp.port}`,
      WEB_SECRET_KEY: "a key for browser logins",
    };
    const variants: Record<Variant, Record<string, string>> = {
      off: { ...common, ...secrets },
      on: { ...common, ...secrets, ...login },
      "no-secrets": common,
    };
    for (const [variant, env] of Object.entries(variants)) {
      const store = await open();
      stores.push(store);
      const server = await startServer({ ...env, ...store.env });
      servers.push(server);
      targets[variant as Variant] = {
        base: server.url,
        signingKey: SIGNING_KEY,
        idp: `http://127.0.0.1:${idp.port}`,
        webhook: `http://127.0.0.1:${webhook.port}`,
      };
    }
  });

  afterAll(async () => {
    for (const server of servers) await server.stop();
    for (const store of stores) await store.remove();
    await Promise.all([idp.stop(true), webhook.stop(true)]);
  });

  for (const { topic, scenario } of load()) {
    // The stand-in for the identity provider keeps one script for all, so its scenarios take turns.
    const declare = scenario.needs?.includes("idp") ? test : test.concurrent;
    declare(
      `${topic}: ${scenario.name}`,
      async () => expect(await replay(scenario, targets[variantOf(scenario)])).toEqual([]),
      40_000,
    );
  }
});
