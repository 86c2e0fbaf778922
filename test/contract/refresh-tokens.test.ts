import { expect, test } from "bun:test";
import { contract } from "./contract.ts";
import { at, atOnce, DAY, START } from "./samples.ts";

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

  test("a login lives until it is revoked or expires", async () => {
    const { refreshTokens } = subject.store;
    const { id } = await add("token");
    expect(await refreshTokens.living(id, at(99))).toEqual((await refreshTokens.find("token"))!);
    expect(await refreshTokens.living(id, at(100))).toBeNull();
    expect(await refreshTokens.living("unknown", START)).toBeNull();
    await refreshTokens.revoke(id);
    expect(await refreshTokens.living(id, START)).toBeNull();
  });

  test("a login tells how it was made, and where it was last used from", async () => {
    const { refreshTokens } = subject.store;
    const times = { issuedAt: START, expiresAt: at(100) };
    const { id } = await refreshTokens.add("one", { clientId: "a", ...times, kind: "cli", address: "192.0.2.1" });
    expect(await refreshTokens.find("one")).toMatchObject({ kind: "cli", address: "192.0.2.1" });
    await refreshTokens.touch(id, at(1), "192.0.2.2");
    await refreshTokens.touch(id, at(2));
    expect(await refreshTokens.living(id, at(2))).toMatchObject({ lastAccessed: at(2), address: "192.0.2.2" });
    await refreshTokens.replace(id, "one", "two", { now: at(3), expiresAt: at(200), address: "192.0.2.3" });
    await refreshTokens.replace(id, "two", "three", { now: at(4), expiresAt: at(200) });
    expect(await refreshTokens.ofClient("a", at(4))).toMatchObject([{ kind: "cli", address: "192.0.2.3" }]);
  });

  test("logins that are used at once each keep their own address", async () => {
    const { refreshTokens } = subject.store;
    const { id: first } = await add("first");
    const { id: second } = await add("second");
    const used = [refreshTokens.touch(first, at(1), "192.0.2.1"), refreshTokens.touch(second, at(1), "192.0.2.2")];
    await Promise.all([...used, refreshTokens.touch("unknown", at(1), "192.0.2.3")]);
    const found = await Promise.all([first, second].map((id) => refreshTokens.living(id, at(1))));
    expect(found.map((login) => login?.address)).toEqual(["192.0.2.1", "192.0.2.2"]);
  });

  test("tokens are there after a restart", async () => {
    const added = await add("token");
    expect(await (await subject.reopen()).refreshTokens.find("token")).toEqual(added);
  });

  test("a replaced token gives way to its successor, in the same login", async () => {
    const { refreshTokens } = subject.store;
    const { id } = await add("one");
    expect(await refreshTokens.replace(id, "one", "two", { now: at(5), expiresAt: at(200) })).toBe(true);
    const present = { id, clientId: "a", issuedAt: START, expiresAt: at(200), revoked: false, lastAccessed: at(5) };
    expect(await refreshTokens.find("two")).toEqual(present);
    expect(await refreshTokens.find("one")).toEqual({ ...present, replaced: { at: at(5), byPresent: true } });
    expect(await refreshTokens.ofClient("a", at(150))).toEqual([present]);
  });

  test("a token replaced long ago is still told from one that never was", async () => {
    const { refreshTokens } = subject.store;
    const { id } = await add("one");
    await refreshTokens.replace(id, "one", "two", { now: at(5), expiresAt: at(200) });
    await refreshTokens.replace(id, "two", "three", { now: at(9), expiresAt: at(210) });
    expect(await refreshTokens.find("one")).toMatchObject({ id, replaced: { at: at(5), byPresent: false } });
    expect(await refreshTokens.find("two")).toMatchObject({ id, replaced: { at: at(9), byPresent: true } });
    expect(await refreshTokens.find("four")).toBeNull();
    expect(await (await subject.reopen()).refreshTokens.find("one")).toMatchObject({ replaced: { at: at(5) } });
  });

  test("only the present token of a login that is not revoked is replaced", async () => {
    const { refreshTokens } = subject.store;
    const { id } = await add("one");
    const other = await add("other");
    const next = { now: at(5), expiresAt: at(200) };
    expect(await refreshTokens.replace(id, "other", "two", next)).toBe(false);
    expect(await refreshTokens.replace("unknown", "one", "two", next)).toBe(false);
    expect(await refreshTokens.find("other")).toEqual(other);
    await refreshTokens.revoke(id);
    expect(await refreshTokens.replace(id, "one", "two", next)).toBe(false);
    expect(await refreshTokens.find("two")).toBeNull();
    expect(await refreshTokens.find("one")).toMatchObject({ revoked: true });
  });

  test("of a hundred who replace a token at once one succeeds", async () => {
    const { refreshTokens } = subject.store;
    const { id } = await add("one");
    const next = { now: at(5), expiresAt: at(200) };
    const answers = await atOnce(100, (index) => refreshTokens.replace(id, "one", `two-${index}`, next));
    expect(answers.filter(Boolean)).toHaveLength(1);
    expect(await refreshTokens.find(`two-${answers.indexOf(true)}`)).toMatchObject({ id });
  });

  test("a replaced token is revoked with its login, and gone with it", async () => {
    const { clients, refreshTokens } = subject.store;
    await clients.create({ id: "a", permissions: {} });
    const { id } = await add("one");
    await refreshTokens.replace(id, "one", "two", { now: at(5), expiresAt: at(200) });
    await refreshTokens.revoke(id);
    expect(await refreshTokens.find("one")).toMatchObject({ revoked: true, replaced: { byPresent: true } });
    await clients.delete("a");
    expect(await refreshTokens.find("one")).toBeNull();
  });

  test("replaced tokens are forgotten with the logins that nobody uses", async () => {
    const { store } = subject;
    const { id } = await add("one");
    await store.refreshTokens.replace(id, "one", "two", { now: at(5), expiresAt: at(200) });
    await store.refreshTokens.replace(id, "two", "three", { now: at(DAY), expiresAt: at(9 * DAY) });
    await store.sweep(at(90 * DAY + 5));
    expect(await store.refreshTokens.find("one")).toBeNull();
    expect(await store.refreshTokens.find("two")).toMatchObject({ replaced: { byPresent: true } });
    await store.sweep(at(91 * DAY));
    expect(await store.refreshTokens.find("two")).toBeNull();
  });
});
