import { expect, test } from "bun:test";
import type { SecretRecord } from "../../src/server/store/secrets.ts";
import { contract } from "./contract.ts";
import { at, atOnce, START } from "./samples.ts";

contract("secrets", (subject) => {
  const record = (given: Partial<SecretRecord> = {}): SecretRecord => ({
    owner: "o",
    path: "a/b",
    sealed: new Uint8Array([0, 255, 1]),
    keyId: "k1",
    ephemeral: false,
    ...given,
  });
  const put = async (given: Partial<SecretRecord> = {}) => {
    const secret = record(given);
    await subject.store.secrets.put(secret, START);
    return secret;
  };
  const find = (owner = "o", path = "a/b", now = START) => subject.store.secrets.find(owner, path, now);

  test("a secret is read back as it was", async () => {
    expect(await find()).toBeNull();
    const secret = await put({ expiresAt: at(10), ephemeral: true });
    expect(await find()).toEqual(secret);
    const forever = await put({ path: "forever", sealed: new Uint8Array(0) });
    expect(await find("o", "forever")).toEqual(forever);
    expect(Object.keys((await find("o", "forever"))!)).not.toContain("expiresAt");
  });

  test("owner and path together are unique, however they are spelt", async () => {
    const names = [
      ["o", "a/b"],
      ["o", "a"],
      ["O", "a/b"],
      ["a.b", "p"],
      ["a_dot_b", "p"],
      ["u@x", "p"],
      ["u_at_x", "p"],
      ["o/a", "b"],
      ["$o", "p"],
    ];
    for (const [index, [owner, path]] of names.entries()) await put({ owner, path, sealed: new Uint8Array([index]) });
    for (const [index, [owner, path]] of names.entries())
      expect((await find(owner, path))?.sealed).toEqual(new Uint8Array([index]));
  });

  test("putting again replaces all of it", async () => {
    await put({ expiresAt: at(10), ephemeral: true });
    const renewed = await put({ sealed: new Uint8Array([7]), keyId: "k2" });
    expect(await find()).toEqual(renewed);
    expect(Object.keys((await find())!)).not.toContain("expiresAt");
  });

  test("first writes at once make one secret", async () => {
    await atOnce(20, (index) => put({ sealed: new Uint8Array([index]) }));
    await subject.store.secrets.delete("o", "a/b");
    expect(await find()).toBeNull();
  });

  test("an expired secret is not there", async () => {
    const { secrets } = subject.store;
    const secret = await put({ expiresAt: at(10) });
    expect(await find("o", "a/b", at(9.999))).toEqual(secret);
    expect(await find("o", "a/b", at(10))).toBeNull();
    expect(await secrets.take("o", "a/b", at(10))).toBeNull();
    expect(await secrets.existing("o", ["a/b"], at(10))).toEqual([]);
  });

  test("taking a lasting secret leaves it", async () => {
    const secret = await put();
    expect(await subject.store.secrets.take("o", "a/b", START)).toEqual(secret);
    expect(await subject.store.secrets.take("o", "a/b", START)).toEqual(secret);
    expect(await subject.store.secrets.take("o", "unknown", START)).toBeNull();
  });

  test("a single-use secret is taken by exactly one reader", async () => {
    const secret = await put({ ephemeral: true });
    const answers = await atOnce(50, () => subject.store.secrets.take("o", "a/b", START));
    expect(answers.filter((answer) => answer !== null)).toEqual([secret]);
    expect(await find()).toBeNull();
  });

  test("finding does not use a single-use secret up", async () => {
    await put({ ephemeral: true });
    expect(await find()).not.toBeNull();
    expect(await find()).not.toBeNull();
  });

  test("existing paths of the owner are told", async () => {
    const { secrets } = subject.store;
    await put({ path: "one" });
    await put({ path: "two", ephemeral: true });
    await put({ path: "old", expiresAt: at(-1) });
    await put({ path: "foreign", owner: "other" });
    const existing = await secrets.existing("o", ["two", "one", "one", "old", "foreign", "unknown"], START);
    expect([...new Set(existing)].sort()).toEqual(["one", "two"]);
    expect(existing).toHaveLength(2);
    expect(await secrets.existing("o", [], START)).toEqual([]);
  });

  test("a deleted secret is gone; deleting a missing one is fine", async () => {
    await put();
    await put({ owner: "other" });
    await subject.store.secrets.delete("o", "a/b");
    await subject.store.secrets.delete("o", "a/b");
    expect(await find()).toBeNull();
    expect(await find("other")).not.toBeNull();
  });

  test("those sealed with another key are found for resealing", async () => {
    const { secrets } = subject.store;
    for (const keyId of ["k0", "k1", "k2"]) {
      for (const owner of ["a", "b"]) await put({ keyId, owner, path: keyId });
    }
    const others = await secrets.sealedWithOtherKey("k1", 100);
    expect(others.map(({ keyId, owner }) => `${keyId}${owner}`).sort()).toEqual(["k0a", "k0b", "k2a", "k2b"]);
    expect(others.find(({ keyId, owner }) => keyId === "k0" && owner === "a")).toEqual(
      record({ keyId: "k0", owner: "a", path: "k0" }),
    );
    expect(await secrets.sealedWithOtherKey("k1", 3)).toHaveLength(3);
    expect(await secrets.sealedWithOtherKey("k9", 100)).toHaveLength(6);
  });

  test("resealing replaces the value it was made from", async () => {
    const { secrets } = subject.store;
    const old = await put({ expiresAt: at(10), ephemeral: true });
    expect(await secrets.reseal(old, new Uint8Array([5]), "k2")).toBe(true);
    expect(await find()).toEqual({ ...old, sealed: new Uint8Array([5]), keyId: "k2" });
    expect(await secrets.reseal(old, new Uint8Array([6]), "k3")).toBe(false);
    expect((await find())?.sealed).toEqual(new Uint8Array([5]));
  });

  test("resealing loses against a new value, a deletion and itself", async () => {
    const { secrets } = subject.store;
    const old = await put();
    await put({ sealed: new Uint8Array([9]) });
    expect(await secrets.reseal(old, new Uint8Array([5]), "k2")).toBe(false);
    const current = (await find())!;
    const answers = await atOnce(10, (index) => secrets.reseal(current, new Uint8Array([index]), "k2"));
    expect(answers.filter(Boolean)).toHaveLength(1);
    await secrets.delete("o", "a/b");
    expect(await secrets.reseal(current, new Uint8Array([5]), "k2")).toBe(false);
    expect(await find()).toBeNull();
  });

  test("secrets are there after a restart", async () => {
    const secret = await put({ expiresAt: at(10) });
    expect(await (await subject.reopen()).secrets.find("o", "a/b", START)).toEqual(secret);
  });
});
