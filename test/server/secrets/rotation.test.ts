import { beforeEach, describe, expect, test } from "bun:test";
import { DatabaseSecrets } from "../../../src/server/secrets/database.ts";
import { rotateSecretsKey, type RotationOptions, UnreadableSecret } from "../../../src/server/secrets/rotation.ts";
import type { SecretStore } from "../../../src/server/store/secrets.ts";
import { SecretKey } from "../../../src/server/secrets/secret-key.ts";
import { eachWithStore } from "./store.ts";

const NOW = new Date("2026-01-01T00:00:00Z");
const [OLD, NEW, LOST] = [1, 2, 3].map((fill) => new Uint8Array(96).fill(fill)) as [Uint8Array, Uint8Array, Uint8Array];
const oldKey = await SecretKey.of(OLD);
const newKey = await SecretKey.of(NEW);
const lostKey = await SecretKey.of(LOST);

const subject = eachWithStore();
const opened = (key: SecretKey, nextKey?: SecretKey) =>
  DatabaseSecrets.open({
    secrets: subject.store.secrets,
    clients: subject.store.clients,
    key,
    nextKey,
    now: () => NOW,
  });
const rotate = (options: Partial<RotationOptions> = {}) =>
  rotateSecretsKey({ store: subject.store, from: OLD, to: NEW, unreadable: "stop", now: () => NOW, ...options });
const lasting = (value: string) => ({ value, ephemeral: false, expiresAt: null });

const MANY = 250;
const NUMBERS = Array.from({ length: MANY }, (_, n) => n);
beforeEach(async () => {
  const secrets = await opened(oldKey);
  await Promise.all(NUMBERS.map((n) => secrets.put(`client-${n % 3}`, `path/${n}`, lasting(`value ${n}`))));
});

async function assertAllReadable(key: SecretKey): Promise<void> {
  const secrets = await opened(key);
  const read = await Promise.all(NUMBERS.map((n) => secrets.take(`client-${n % 3}`, `path/${n}`)));
  expect(read.map((secret) => secret?.value)).toEqual(NUMBERS.map((n) => `value ${n}`));
}

describe("The rotation of the key", () => {
  test("seals every secret under the new key and changes none", async () => {
    expect(await rotate()).toEqual({ resealed: MANY, deleted: 0 });
    await assertAllReadable(newKey);
  });
  test("tells how far it is", async () => {
    const progress: number[] = [];
    await rotate({ onProgress: ({ resealed }) => progress.push(resealed) });
    expect(progress).toEqual([100, 200, 250]);
  });
  test("may be interrupted, leaves every secret readable with both keys, and goes on", async () => {
    const interrupt = new AbortController();
    const { resealed } = await rotate({ signal: interrupt.signal, onProgress: () => interrupt.abort() });
    expect(resealed).toBe(100);
    const between = await opened(oldKey, newKey);
    for (const n of [0, 120, 249])
      expect((await between.take(`client-${n % 3}`, `path/${n}`))?.value).toBe(`value ${n}`);
    expect(await rotate()).toEqual({ resealed: MANY - 100, deleted: 0 });
    await assertAllReadable(newKey);
  });
  test("does nothing the second time", async () => {
    await rotate();
    expect(await rotate()).toEqual({ resealed: 0, deleted: 0 });
  });
  test("does not undo what a server writes meanwhile", async () => {
    const server = await opened(oldKey, newKey);
    const { secrets } = subject.store;
    let isWritten = false;
    const busy: SecretStore = {
      ...secrets,
      async reseal(record, sealed, keyId) {
        if (record.path === "path/7" && !isWritten) {
          isWritten = true;
          await server.put("client-1", "path/7", lasting("written meanwhile"));
        }
        return secrets.reseal(record, sealed, keyId);
      },
    };
    await rotate({ store: { ...subject.store, secrets: busy } });
    expect(isWritten).toBe(true);
    expect((await server.take("client-1", "path/7"))?.value).toBe("written meanwhile");
  });
});

describe("A secret that no given key opens", () => {
  beforeEach(async () => {
    await (await opened(oldKey)).put("ann", "before", lasting("v"));
    const sealed = await lostKey.seal("v", ["client", "ann", "lost"]);
    const lost = { owner: "ann", path: "lost", sealed, keyId: lostKey.id, ephemeral: false };
    await subject.store.secrets.put(lost, NOW);
  });
  test("ends the rotation, which names it", async () => {
    await expect(rotate()).rejects.toThrow(UnreadableSecret);
    await expect(rotate()).rejects.toThrow("'lost' of 'ann'");
  });
  test("is deleted when that is asked for", async () => {
    expect(await rotate({ unreadable: "delete" })).toEqual({ resealed: MANY + 1, deleted: 1 });
    const secrets = await opened(newKey);
    expect(await secrets.existing("ann", ["before", "lost"])).toEqual(["before"]);
  });
});
