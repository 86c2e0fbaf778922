import { expect, test } from "bun:test";
import { contract } from "./contract.ts";
import { at, atOnce, START } from "./samples.ts";

contract("refresh tokens", (subject) => {
  const add = (token: string, given: { clientId?: string; issuedAt?: Date; expiresAt?: Date } = {}) =>
    subject.store.refreshTokens.add(token, { clientId: "a", issuedAt: START, expiresAt: at(100), ...given });

  test("an added token is found", async () => {
    const added = await add("token");
    expect(added).toEqual({
      id: expect.any(String),
      clientId: "a",
      issuedAt: START,
      expiresAt: at(100),
      revoked: false,
      lastAccessed: START,
    });
    expect(await subject.store.refreshTokens.find("token")).toEqual(added);
    expect(await subject.store.refreshTokens.find("Token")).toBeNull();
    expect(await subject.store.refreshTokens.find("")).toBeNull();
  });

  test("its id does not tell the token and is no credential", async () => {
    const { id } = await add("token");
    expect(id).not.toContain("token");
    expect(await subject.store.refreshTokens.find(id)).toBeNull();
    expect((await add("other")).id).not.toBe(id);
  });

  test("neither does its hash open anything", async () => {
    await add("token");
    const hash = new Bun.CryptoHasher("sha256").update("token");
    expect(await subject.store.refreshTokens.find(hash.copy().digest("hex"))).toBeNull();
    expect(await subject.store.refreshTokens.find(hash.digest("base64"))).toBeNull();
  });

  test("a token is found whatever its state", async () => {
    const { refreshTokens } = subject.store;
    const { id } = await add("token", { expiresAt: at(-5) });
    expect(await refreshTokens.revoke(id)).toBe(true);
    expect(await refreshTokens.find("token")).toMatchObject({ revoked: true, expiresAt: at(-5) });
  });

  test("a token is revoked once", async () => {
    const { id } = await add("token");
    const other = await add("other");
    const answers = await atOnce(20, () => subject.store.refreshTokens.revoke(id));
    expect(answers.filter(Boolean)).toHaveLength(1);
    expect(await subject.store.refreshTokens.revoke("unknown")).toBe(false);
    expect(await subject.store.refreshTokens.find("other")).toEqual(other);
  });

  test("touching notes the last use", async () => {
    const { refreshTokens } = subject.store;
    const added = await add("token");
    await refreshTokens.touch(added.id, at(7));
    await refreshTokens.touch("unknown", at(7));
    expect(await refreshTokens.find("token")).toEqual({ ...added, lastAccessed: at(7) });
  });

  test("a client's tokens are those neither revoked nor expired, the newest first", async () => {
    const { refreshTokens } = subject.store;
    const old = await add("old", { issuedAt: at(-10) });
    const young = await add("young", { issuedAt: at(-1) });
    await add("expired", { expiresAt: at(5) });
    await refreshTokens.revoke((await add("revoked")).id);
    await add("foreign", { clientId: "b" });
    expect(await refreshTokens.ofClient("a", at(5))).toEqual([young, old]);
    expect(await refreshTokens.ofClient("a", at(4.999))).toHaveLength(3);
    expect(await refreshTokens.ofClient("unknown", START)).toEqual([]);
  });

  test("tokens are there after a restart", async () => {
    const added = await add("token");
    expect(await (await subject.reopen()).refreshTokens.find("token")).toEqual(added);
  });
});
