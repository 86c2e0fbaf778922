import { beforeEach, describe, expect, test } from "bun:test";
import { SecretRefused, SecretsSetupError, SecretsUnavailable } from "../../../src/server/secrets/backend.ts";
import { VaultSecrets } from "../../../src/server/secrets/vault.ts";
import { TOKEN, VaultDouble } from "./vault-double.ts";

const START = new Date("2026-01-01T00:00:00Z");
let now: Date;
let vault: VaultDouble;
let secrets: VaultSecrets;
let troubles: unknown[];

const later = (seconds: number): Date => new Date(now.getTime() + seconds * 1000);
const lasting = (value: string) => ({ value, ephemeral: false, expiresAt: null });
const expiring = (value: string, seconds: number) => ({ value, ephemeral: false, expiresAt: later(seconds) });
const once = (value: string) => ({ value, ephemeral: true, expiresAt: null });
const open = (token = TOKEN, fetch = vault.fetch) =>
  VaultSecrets.open({ url: `${vault.url}/`, token, fetch, now: () => now, onError: (error) => troubles.push(error) });

beforeEach(async () => {
  now = START;
  troubles = [];
  vault = new VaultDouble(() => now);
  secrets = await open();
});

describe("A secret in Vault", () => {
  test("is kept where the reference keeps it, in its form", async () => {
    await secrets.put("ann@example.com", "lab/token", lasting("v"));
    const stored = await vault.fetch(`${vault.url}/v1/secret/data/ann@example.com/lab/token`, {
      headers: { "x-vault-token": TOKEN },
    });
    expect(await stored.json()).toMatchObject({ data: { data: { value: "v", ephemeral: false } } });
  });
  test("is read any number of times", async () => {
    await secrets.put("ann", "a/b", lasting("v"));
    expect((await secrets.take("ann", "a/b"))?.value).toBe("v");
    expect((await secrets.take("ann", "a/b"))?.value).toBe("v");
  });
  test("of the reference, without a time of expiry, is read", async () => {
    await vault.fetch(`${vault.url}/v1/secret/data/ann/a`, {
      method: "POST",
      headers: { "x-vault-token": TOKEN },
      body: JSON.stringify({ data: { value: "old", ephemeral: false } }),
    });
    expect((await secrets.take("ann", "a"))?.value).toBe("old");
  });
  test("is another owner's under the same path", async () => {
    await secrets.put("ann", "a", lasting("hers"));
    expect(await secrets.take("bob", "a")).toBeNull();
  });
  test("is gone after its deletion, and deleting it again is no error", async () => {
    await secrets.put("ann", "a", lasting("v"));
    await secrets.delete("ann", "a");
    await secrets.delete("ann", "a");
    expect(await secrets.take("ann", "a")).toBeNull();
  });
  test("is among the existing ones until it expires", async () => {
    await secrets.put("ann", "long", lasting("v"));
    await secrets.put("ann", "short", expiring("v", 60));
    expect(await secrets.existing("ann", ["short", "none", "long"])).toEqual(["short", "long"]);
    now = later(60);
    expect(await secrets.existing("ann", ["short", "none", "long"])).toEqual(["long"]);
  });
});

describe("The expiry of a secret in Vault", () => {
  test("counts for the first write", async () => {
    await secrets.put("ann", "a", expiring("v", 60));
    now = later(60);
    expect(await secrets.take("ann", "a")).toBeNull();
  });
  test("does not depend on Vault's own", async () => {
    await vault.fetch(`${vault.url}/v1/secret/data/ann/a`, {
      method: "POST",
      headers: { "x-vault-token": TOKEN },
      body: JSON.stringify({ data: { value: "v", ephemeral: false, expires_at: later(60).toISOString() } }),
    });
    now = later(60);
    expect(await secrets.take("ann", "a")).toBeNull();
  });
  test("is not inherited by a later write that never expires", async () => {
    await secrets.put("ann", "a", expiring("old", 60));
    await secrets.put("ann", "a", lasting("new"));
    now = later(3600);
    expect((await secrets.take("ann", "a"))?.value).toBe("new");
  });
  test("makes Vault clean up", async () => {
    await secrets.put("ann", "a", expiring("v", 60));
    now = later(61);
    const stored = await vault.fetch(`${vault.url}/v1/secret/data/ann/a`, { headers: { "x-vault-token": TOKEN } });
    expect(stored.status).toBe(404);
  });
});

describe("A single-use secret in Vault", () => {
  test("is read once and leaves nothing behind", async () => {
    await secrets.put("ann", "a", once("v"));
    expect((await secrets.take("ann", "a"))?.value).toBe("v");
    expect(await secrets.take("ann", "a")).toBeNull();
    expect(vault.keptValues()).toEqual([]);
  });
  test("goes to one of several readers", async () => {
    await secrets.put("ann", "a", once("v"));
    const readers = await Promise.all(Array.from({ length: 20 }, () => secrets.take("ann", "a")));
    expect(readers.filter((secret) => secret !== null).map(({ value }) => value)).toEqual(["v"]);
  });
  test("is used even when it cannot be removed", async () => {
    await secrets.put("ann", "a", once("v"));
    vault.before = (call) => {
      if (call.startsWith("DELETE")) vault.next = () => Response.json({ errors: [] }, { status: 500 });
    };
    expect((await secrets.take("ann", "a"))?.value).toBe("v");
    expect(await secrets.take("ann", "a")).toBeNull();
    expect(troubles).toHaveLength(1);
  });
});

describe("Owners whose id would reach elsewhere in Vault", () => {
  test.each(["ann/b", "..", ".", "", "a\\b", "a\nb"])("%j have no secrets", async (owner) => {
    await expect(secrets.put(owner, "a", lasting("v"))).rejects.toThrow(SecretRefused);
    expect(vault.paths()).toEqual([]);
  });
});

describe("A Vault that", () => {
  test.each<[string, () => Response | Promise<Response>, typeof SecretRefused | typeof SecretsUnavailable]>([
    [
      "is sealed is unavailable",
      () => Response.json({ errors: ["Vault is sealed"] }, { status: 503 }),
      SecretsUnavailable,
    ],
    ["fails is unavailable", () => new Response("<html>", { status: 500 }), SecretsUnavailable],
    ["answers no JSON is unavailable", () => new Response("<html>"), SecretsUnavailable],
    [
      "redirects is unavailable",
      () => new Response(null, { status: 307, headers: { location: "http://evil" } }),
      SecretsUnavailable,
    ],
    ["hangs is unavailable", () => Promise.reject(new DOMException("timed out", "TimeoutError")), SecretsUnavailable],
    [
      "forbids the path refuses the secret",
      () => Response.json({ errors: ["permission denied"] }, { status: 403 }),
      SecretRefused,
    ],
  ])("%s", async (_what, answer, error) => {
    vault.next = answer;
    await expect(secrets.take("ann", "a")).rejects.toThrow(error);
  });
  test("keeps a secret without a value is unavailable", async () => {
    vault.next = () => Response.json({ data: { data: { other: 1 }, metadata: { version: 1 } } });
    await expect(secrets.take("ann", "a")).rejects.toThrow(SecretsUnavailable);
  });
});

describe("The server does not start", () => {
  test("when Vault does not know the token", async () => {
    await expect(open("wrong")).rejects.toThrow(SecretsSetupError);
    await expect(open("wrong")).rejects.toThrow("TESTFLINGER_VAULT_TOKEN");
  });
  test("when Vault is not reachable", async () => {
    await expect(open(TOKEN, () => Promise.reject(new Error("refused")))).rejects.toThrow(SecretsSetupError);
    await expect(open(TOKEN, () => Promise.reject(new Error("refused")))).rejects.toThrow("TESTFLINGER_VAULT_URL");
  });
  test("when something else than Vault answers", async () => {
    await expect(open(TOKEN, async () => new Response("<html>welcome"))).rejects.toThrow("TESTFLINGER_VAULT_URL");
    await expect(open(TOKEN, async () => new Response("not found", { status: 404 }))).rejects.toThrow(
      "TESTFLINGER_VAULT_URL",
    );
  });
});

describe("The token", () => {
  beforeEach(async () => {
    vault.tokenLifetime = 3600;
    secrets = await open();
  });
  test("is renewed in the second half of its life", async () => {
    now = later(1799);
    await secrets.maintain();
    expect(vault.renewals).toBe(0);
    now = later(1);
    await secrets.maintain();
    await secrets.maintain();
    expect(vault.renewals).toBe(1);
    now = later(1800);
    await secrets.maintain();
    expect(vault.renewals).toBe(2);
  });
  test("that never expires is left alone", async () => {
    vault.tokenLifetime = 0;
    secrets = await open();
    now = later(1_000_000);
    await secrets.maintain();
    expect(vault.renewals).toBe(0);
  });
});
