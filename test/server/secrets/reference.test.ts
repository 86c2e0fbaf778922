import { beforeEach, describe, expect, test } from "bun:test";
import { type SecretsBackend, SecretsSetupError, SecretsUnavailable } from "../../../src/server/secrets/backend.ts";
import { openSecrets } from "../../../src/server/secrets/open.ts";
import { rotateSecretsKey, UnreadableSecret } from "../../../src/server/secrets/rotation.ts";
import { jsonLogger } from "../../../src/server/log/logger.ts";
import { encrypted, ReferenceDouble, sealedDataKey } from "./reference-double.ts";
import { eachWithStore } from "./store.ts";

const MASTER_KEY = new Uint8Array(96).fill(1);
const NEXT_KEY = new Uint8Array(96).fill(2);
const DATA_KEY = new Uint8Array(96).fill(3);
const KEY_ID = new Uint8Array(16).fill(4);
const NOW = new Date("2026-01-01T00:00:00Z");

const subject = eachWithStore();
let reference: ReferenceDouble;
let secrets: SecretsBackend;

const store = () => ({ ...subject.store, referenceSecrets: reference });
async function open(masterKey = MASTER_KEY, nextMasterKey?: Uint8Array): Promise<SecretsBackend> {
  const log = jsonLogger(
    () => undefined,
    () => NOW,
  );
  return (await openSecrets({ masterKey, nextMasterKey }, { store: store(), fetch, now: () => NOW, log }))!;
}
const kept = (value: string, ephemeral = false) => ({ encrypted: encrypted(DATA_KEY, KEY_ID, value), ephemeral });

beforeEach(async () => {
  reference = new ReferenceDouble();
  reference.keys = [{ id: KEY_ID, material: sealedDataKey(MASTER_KEY, DATA_KEY) }];
  reference.secrets.set("ann@example.com a/b", kept("ü of old"));
  secrets = await open();
});

describe("A secret that the reference has stored", () => {
  test("is read", async () => {
    expect((await secrets.take("ann@example.com", "a/b"))?.value).toBe("ü of old");
    expect((await secrets.take("ann@example.com", "a/b"))?.value).toBe("ü of old");
  });
  test("exists, beside our own", async () => {
    await secrets.put("ann@example.com", "own", { value: "v", ephemeral: false, expiresAt: null });
    expect((await secrets.existing("ann@example.com", ["own", "a/b", "none"])).toSorted()).toEqual(["a/b", "own"]);
  });
  test("is not another client's", async () => {
    expect(await secrets.take("bob@example.com", "a/b")).toBeNull();
  });
  test("does not come back when its replacement is gone", async () => {
    await secrets.put("ann@example.com", "a/b", { value: "new", ephemeral: false, expiresAt: null });
    expect((await secrets.take("ann@example.com", "a/b"))?.value).toBe("new");
    await secrets.delete("ann@example.com", "a/b");
    expect(await secrets.take("ann@example.com", "a/b")).toBeNull();
  });
  test("is deleted", async () => {
    await secrets.delete("ann@example.com", "a/b");
    expect(await secrets.take("ann@example.com", "a/b")).toBeNull();
  });
  test("goes to one of several readers if it is for single use", async () => {
    reference.secrets.set("ann@example.com once", kept("v", true));
    const readers = await Promise.all(Array.from({ length: 10 }, () => secrets.take("ann@example.com", "once")));
    expect(readers.filter((secret) => secret !== null).map(({ value }) => value)).toEqual(["v"]);
  });
  test("is read if its data key was made after the start", async () => {
    const [id, dataKey] = [new Uint8Array(16).fill(9), new Uint8Array(96).fill(9)];
    reference.keys.push({ id, material: sealedDataKey(MASTER_KEY, dataKey) });
    reference.secrets.set("ann@example.com later", { encrypted: encrypted(dataKey, id, "v"), ephemeral: false });
    expect((await secrets.take("ann@example.com", "later"))?.value).toBe("v");
  });
  test("is unreadable, not empty, if its data key is unknown or it was changed", async () => {
    reference.secrets.set("ann@example.com x", {
      encrypted: encrypted(DATA_KEY, new Uint8Array(16), "v"),
      ephemeral: false,
    });
    await expect(secrets.take("ann@example.com", "x")).rejects.toThrow(SecretsUnavailable);
    const broken = kept("v");
    broken.encrypted[40]! ^= 1;
    reference.secrets.set("ann@example.com y", broken);
    await expect(secrets.take("ann@example.com", "y")).rejects.toThrow(SecretsUnavailable);
  });
});

test.each(["ann_at_example_dot_com", "a_dollar_b"])(
  "The client %s, whom the reference mixes up with another, does not reach the other's secrets",
  async (owner) => {
    reference.secrets.set(`${owner} a/b`, kept("another's"));
    expect(await secrets.take(owner, "a/b")).toBeNull();
    expect(await secrets.existing(owner, ["a/b"])).toEqual([]);
    await secrets.delete(owner, "a/b");
    await secrets.put(owner, "a/b", { value: "own", ephemeral: true, expiresAt: null });
    expect((await secrets.take(owner, "a/b"))?.value).toBe("own");
    expect(reference.secrets.has(`${owner} a/b`)).toBeTrue();
  },
);

describe("The master key", () => {
  test("must be the reference's", async () => {
    await expect(open(NEXT_KEY)).rejects.toThrow(SecretsSetupError);
    await expect(open(NEXT_KEY)).rejects.toThrow("TESTFLINGER_SECRETS_MASTER_KEY");
  });
  test("is replaced by the rotation, before, during and after which the secrets are read", async () => {
    const during = await open(MASTER_KEY, NEXT_KEY);
    await rotateSecretsKey({ store: store(), from: MASTER_KEY, to: NEXT_KEY, unreadable: "stop", now: () => NOW });
    for (const backend of [during, await open(MASTER_KEY, NEXT_KEY), await open(NEXT_KEY)])
      expect((await backend.take("ann@example.com", "a/b"))?.value).toBe("ü of old");
    await expect(open(MASTER_KEY)).rejects.toThrow(SecretsSetupError);
  });
  test("that is lost ends the rotation, unless what it opened may go", async () => {
    const lost = { store: store(), from: NEXT_KEY, to: new Uint8Array(96).fill(8), now: () => NOW };
    await expect(rotateSecretsKey({ ...lost, unreadable: "stop" })).rejects.toThrow(UnreadableSecret);
    await rotateSecretsKey({ ...lost, unreadable: "delete" });
    expect(reference.keys).toEqual([]);
  });
});
