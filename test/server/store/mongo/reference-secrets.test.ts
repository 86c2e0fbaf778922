import { afterEach, beforeEach, expect, test } from "bun:test";
import { Binary, MongoClient } from "mongodb";
import type { ReferenceSecretStore } from "../../../../src/server/store/reference-secrets.ts";
import { SECRETS_MASTER_KEY } from "../../../support/secrets-master-key.ts";
import { sealedDataKey } from "../../secrets/reference-double.ts";
import { onMongo } from "./database.ts";

const NOW = new Date("2026-03-04T05:06:07Z");
/** Servers of other tests, which find it in the vault, have to be able to open it. */
const material = (number: number) => sealedDataKey(SECRETS_MASTER_KEY, new Uint8Array(96).fill(number));
const MATERIAL = material(1);
const later = (seconds: number) => new Date(NOW.getTime() + seconds * 1000);

onMongo("secrets of the reference", (subject) => {
  let reference: ReferenceSecretStore;
  let vault: MongoClient;
  const id = crypto.getRandomValues(new Uint8Array(16));
  const keys = () => vault.db("encryption").collection<{ _id: Binary }>("__keyVault");
  const ours = async () => (await reference.dataKeys()).filter((key) => Buffer.from(key.id).equals(id));

  beforeEach(async () => {
    reference = (await subject.open()).referenceSecrets!;
    vault = new MongoClient(subject.uri);
    await keys().insertOne({
      _id: new Binary(id, Binary.SUBTYPE_UUID),
      keyMaterial: new Binary(MATERIAL),
      keyAltNames: ["testflinger-secrets"],
      masterKey: { provider: "local" },
      updateDate: NOW,
    } as never);
  });
  afterEach(async () => {
    await keys().deleteOne({ _id: new Binary(id, Binary.SUBTYPE_UUID) });
    await vault.close();
  });

  const insert = (namespace: string, key: string, fields: object = {}) =>
    subject.database.collection(`secrets.${namespace}`).insertOne({
      key,
      value: new Binary(new Uint8Array([9]), 6),
      ephemeral: false,
      updated_at: NOW,
      ...fields,
    });

  test("are found under the reference's name for the client", async () => {
    await insert("ann_at_example_dot_com", "a/b");
    await insert("_dollar_x", "c", { ephemeral: true });
    expect(await reference.find("ann@example.com", "a/b", NOW)).toEqual({
      encrypted: new Uint8Array([9]),
      ephemeral: false,
    });
    expect(await reference.find("$x", "c", NOW)).toMatchObject({ ephemeral: true });
    expect(await reference.find("ann@example.com", "c", NOW)).toBeNull();
    expect(await reference.existing("ann@example.com", ["a/b", "c"], NOW)).toEqual(["a/b"]);
  });
  test("expire before the database has removed them", async () => {
    await insert("ann", "a", { expire_at: later(60) });
    expect(await reference.existing("ann", ["a"], NOW)).toEqual(["a"]);
    expect(await reference.existing("ann", ["a"], later(60))).toEqual([]);
    expect(await reference.find("ann", "a", later(60))).toBeNull();
  });
  test("that were stored twice at once are the later one, and are removed together", async () => {
    await insert("ann", "a", { updated_at: later(-5), value: new Binary(new Uint8Array([1]), 6) });
    await insert("ann", "a", { updated_at: NOW, value: new Binary(new Uint8Array([2]), 6) });
    expect((await reference.find("ann", "a", NOW))?.encrypted).toEqual(new Uint8Array([2]));
    expect(await reference.existing("ann", ["a"], NOW)).toEqual(["a"]);
    expect(await reference.remove("ann", "a")).toBeTrue();
    expect(await reference.remove("ann", "a")).toBeFalse();
  });
  test("have data keys, apart from those of other applications", async () => {
    expect(await ours()).toEqual([{ id, material: MATERIAL }]);
    await keys().updateOne({ _id: new Binary(id, Binary.SUBTYPE_UUID) }, { $set: { keyAltNames: ["another"] } });
    expect(await ours()).toEqual([]);
  });
  test("have data keys whose material is replaced once", async () => {
    const [key] = await ours();
    const first = material(2);
    expect(await reference.rewrap(key!, first, NOW)).toBeTrue();
    expect(await reference.rewrap(key!, material(3), NOW)).toBeFalse();
    expect((await ours()).map(({ material }) => material)).toEqual([first]);
    await reference.deleteDataKey((await ours())[0]!);
    expect(await ours()).toEqual([]);
  });
  test("may have their data keys on another server", async () => {
    const apart = await subject.open({ keyVaultUri: subject.uri });
    expect((await apart.referenceSecrets!.dataKeys()).some((key) => Buffer.from(key.id).equals(id))).toBeTrue();
  });
});
