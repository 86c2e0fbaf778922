import { beforeEach, describe, expect, test } from "bun:test";
import { SecretsSetupError, SecretsUnavailable } from "../../../src/server/secrets/backend.ts";
import { DatabaseSecrets } from "../../../src/server/secrets/database.ts";
import { SecretKey } from "../../../src/server/secrets/secret-key.ts";
import { eachWithStore } from "./store.ts";

const key = await SecretKey.of(new Uint8Array(96).fill(1));
const otherKey = await SecretKey.of(new Uint8Array(96).fill(2));

const subject = eachWithStore();
let now: Date;
beforeEach(() => {
  now = new Date("2026-01-01T00:00:00Z");
});

const open = (sealing = key, nextKey?: SecretKey) =>
  DatabaseSecrets.open({
    secrets: subject.store.secrets,
    clients: subject.store.clients,
    key: sealing,
    nextKey,
    now: () => now,
  });
const lasting = (value: string) => ({ value, ephemeral: false, expiresAt: null });
const once = (value: string) => ({ value, ephemeral: true, expiresAt: null });
const person = (email: string, sub = "1234") => ({ issuer: "https://idp", sub, email, name: "A Person" });

describe("A secret in the database", () => {
  test("is read any number of times, also after a restart", async () => {
    await (await open()).put("ann", "a/b", lasting("v"));
    const restarted = await open();
    expect((await restarted.take("ann", "a/b"))?.value).toBe("v");
    expect((await restarted.take("ann", "a/b"))?.value).toBe("v");
  });
  test("expires", async () => {
    const secrets = await open();
    await secrets.put("ann", "a", { value: "v", ephemeral: false, expiresAt: new Date(now.getTime() + 1000) });
    expect(await secrets.existing("ann", ["a"])).toEqual(["a"]);
    now = new Date(now.getTime() + 1000);
    expect(await secrets.existing("ann", ["a"])).toEqual([]);
    expect(await secrets.take("ann", "a")).toBeNull();
  });
  test("for single use goes to one of several readers", async () => {
    const secrets = await open();
    await secrets.put("ann", "a", once("v"));
    const readers = await Promise.all(Array.from({ length: 20 }, () => secrets.take("ann", "a")));
    expect(readers.filter((secret) => secret !== null).map(({ value }) => value)).toEqual(["v"]);
  });
  test("is not in clear there", async () => {
    await (await open()).put("ann", "a", lasting("correct horse"));
    const record = await subject.store.secrets.find("ann", "a", now);
    expect(Buffer.from(record?.sealed ?? []).includes("horse")).toBeFalse();
  });
});

describe("Somebody who can write the database", () => {
  test("does not read another's secret as his own", async () => {
    const secrets = await open();
    await secrets.put("ann", "a", lasting("hers"));
    const hers = await subject.store.secrets.find("ann", "a", now);
    await subject.store.secrets.put({ ...hers!, owner: "mallory" }, now);
    await expect(secrets.take("mallory", "a")).rejects.toThrow(SecretsUnavailable);
  });
  test("does not exchange the secrets of one client", async () => {
    const secrets = await open();
    await secrets.put("ann", "a", lasting("v"));
    const one = await subject.store.secrets.find("ann", "a", now);
    await subject.store.secrets.put({ ...one!, path: "b" }, now);
    await expect(secrets.take("ann", "b")).rejects.toThrow(SecretsUnavailable);
  });
});

describe("The secrets of a person", () => {
  test("follow when the e-mail changes", async () => {
    const secrets = await open();
    await subject.store.clients.recordLogin(person("old@example.com"), now);
    await secrets.put("old@example.com", "a", lasting("v"));
    await subject.store.clients.recordLogin(person("new@example.com"), now);
    expect((await secrets.take("new@example.com", "a"))?.value).toBe("v");
  });
  test("are not inherited by the next person with that e-mail", async () => {
    const secrets = await open();
    await subject.store.clients.recordLogin(person("ann@example.com", "first"), now);
    await secrets.put("ann@example.com", "a", lasting("v"));
    const record = await subject.store.secrets.find("ann@example.com", "a", now);
    await subject.store.clients.delete("ann@example.com");
    await subject.store.clients.recordLogin(person("ann@example.com", "second"), now);
    // A backup, or a database that kept secrets of deleted clients.
    await subject.store.secrets.put(record!, now);
    await expect(secrets.take("ann@example.com", "a")).rejects.toThrow(SecretsUnavailable);
  });
});

describe("The key", () => {
  test("must be the one that sealed what is stored", async () => {
    await (await open()).put("ann", "a", lasting("v"));
    await expect(open(otherKey)).rejects.toThrow(SecretsSetupError);
    await expect(open(otherKey)).rejects.toThrow("TESTFLINGER_SECRETS_MASTER_KEY");
  });
  test("may be any when nothing is stored", async () => {
    await open();
    await open(otherKey);
  });
  describe("while another is to replace it", () => {
    test("still seals until the rotation begins, so that servers which do not know the other read everything", async () => {
      await (await open(key, otherKey)).put("ann", "a", lasting("v"));
      expect((await subject.store.secrets.find("ann", "a", now))?.keyId).toBe(key.id);
    });
    test("does not seal any more once the rotation has begun, so that the rotation ends", async () => {
      await (await open(otherKey)).put("ann", "rotated", lasting("v"));
      const secrets = await open(key, otherKey);
      await secrets.put("ann", "a", lasting("v"));
      expect((await subject.store.secrets.find("ann", "a", now))?.keyId).toBe(otherKey.id);
    });
    test("opens what either has sealed", async () => {
      await (await open(key)).put("ann", "a", lasting("old"));
      await subject.store.secrets.put(
        {
          owner: "ann",
          path: "b",
          sealed: await otherKey.seal("new", ["client", "ann", "b"]),
          keyId: otherKey.id,
          ephemeral: false,
        },
        now,
      );
      const secrets = await open(key, otherKey);
      expect((await secrets.take("ann", "a"))?.value).toBe("old");
      expect((await secrets.take("ann", "b"))?.value).toBe("new");
    });
  });
});
