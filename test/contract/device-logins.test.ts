import { expect, test } from "bun:test";
import type { DeviceLogin, PollClaim } from "../../src/server/store/device-logins.ts";
import { contract } from "./contract.ts";
import { at, atOnce, START } from "./samples.ts";

contract("device logins", (subject) => {
  const login: DeviceLogin = { requestHash: "hash", sealedDeviceCode: "sealed", interval: 5, expiresAt: at(300) };
  const logins = () => subject.store.deviceLogins;
  const add = async (given: Partial<DeviceLogin> = {}, nextPollAt = at(5)) => {
    await logins().add({ ...login, ...given }, nextPollAt);
  };
  const claim = (now: Date, until = new Date(+now + 30_000), hash = "hash") => logins().claim(hash, now, until);
  const claimed = async (now: Date, until?: Date): Promise<PollClaim> => {
    const answer = await claim(now, until);
    if ("refused" in answer) throw new Error(`refused: ${answer.refused}`);
    return answer;
  };

  test("an added login is found until it expires", async () => {
    await add({ codeChallenge: "challenge" });
    expect(await logins().find("hash", START)).toEqual({ ...login, codeChallenge: "challenge" });
    expect(await logins().find("hash", at(299.999))).not.toBeNull();
    expect(await logins().find("hash", at(300))).toBeNull();
    expect(await logins().find("unknown", START)).toBeNull();
  });

  test("what a login lacks is absent", async () => {
    await add();
    expect(Object.keys((await logins().find("hash", START))!).sort()).toEqual([
      "expiresAt",
      "interval",
      "requestHash",
      "sealedDeviceCode",
    ]);
  });

  test("a poll in time claims the login", async () => {
    await add();
    const held = await claimed(at(5));
    expect(held.login).toEqual(login);
    expect(held.claimId).not.toBe("");
  });

  test("unknown, expired and redeemed logins look alike", async () => {
    await add();
    expect(await claim(at(10), undefined, "unknown")).toEqual({ refused: "unknown" });
    expect(await claim(at(300))).toEqual({ refused: "unknown" });
    await logins().redeem(await claimed(at(10)));
    expect(await claim(at(20))).toEqual({ refused: "unknown" });
    expect(await claim(at(1))).toEqual({ refused: "unknown" });
    expect(await logins().find("hash", at(20))).toBeNull();
  });

  test("a poll that is too early makes the interval grow, stickily", async () => {
    await add();
    expect(await claim(at(4.999))).toEqual({ refused: "early", interval: 10 });
    expect(await claim(at(14.998))).toEqual({ refused: "early", interval: 15 });
    expect(await logins().find("hash", at(15))).toMatchObject({ interval: 15 });
    expect((await claimed(at(29.998))).login.interval).toBe(15);
  });

  test("while somebody else asks, others are early and the interval stays", async () => {
    await add();
    const held = await claimed(at(5));
    expect(await claim(at(6))).toEqual({ refused: "early", interval: 5 });
    expect(await claim(at(7))).toEqual({ refused: "early", interval: 5 });
    expect(await logins().release(held, { interval: 5, nextPollAt: at(10) })).toBe(true);
    expect(await claim(at(9))).toEqual({ refused: "early", interval: 10 });
  });

  test("the claim of a holder that died ends at its time", async () => {
    await add();
    const dead = await claimed(at(5), at(35));
    expect(await claim(at(34.999))).toEqual({ refused: "early", interval: 5 });
    const next = await claimed(at(35), at(65));
    expect(next.claimId).not.toBe(dead.claimId);
    expect(await logins().release(dead, { interval: 5, nextPollAt: at(40) })).toBe(false);
    expect(await logins().identify(dead, "person")).toBe(false);
    expect(await logins().redeem(dead)).toBe(false);
    expect(await logins().redeem(next)).toBe(true);
  });

  test("releasing sets when to poll next and never shortens the interval", async () => {
    await add();
    await logins().release(await claimed(at(5)), { interval: 12, nextPollAt: at(17) });
    expect(await logins().find("hash", at(6))).toMatchObject({ interval: 12 });
    const held = await claimed(at(17));
    await logins().release(held, { interval: 3, nextPollAt: at(20) });
    expect(await logins().find("hash", at(18))).toMatchObject({ interval: 12 });
    expect(await logins().release(held, { interval: 5, nextPollAt: at(20) })).toBe(false);
  });

  test("an identified login keeps the person through a crash", async () => {
    await add();
    const held = await claimed(at(5), at(35));
    expect(await logins().identify(held, "sealed person")).toBe(true);
    expect(await claim(at(6))).toEqual({ refused: "early", interval: 5 });
    await subject.reopen();
    const next = await claimed(at(35));
    expect(next.login).toEqual({ ...login, sealedIdentity: "sealed person" });
    expect(await logins().redeem(next)).toBe(true);
  });

  test("of 200 polls at once one claims the login", async () => {
    await add();
    const answers = await atOnce(200, () => claim(at(5)));
    expect(answers.filter((answer) => !("refused" in answer))).toHaveLength(1);
    expect(answers.filter((answer) => "refused" in answer && answer.refused === "early")).toHaveLength(199);
    expect(await logins().find("hash", at(5))).toMatchObject({ interval: 5 });
  });

  test("a login is redeemed once, however many ask", async () => {
    await add();
    const held = await claimed(at(5));
    const answers = await atOnce(200, () => logins().redeem(held));
    expect(answers.filter(Boolean)).toHaveLength(1);
    expect(await logins().release(held, { interval: 5, nextPollAt: at(10) })).toBe(false);
    expect(await logins().identify(held, "person")).toBe(false);
  });

  test("a claim that was released redeems nothing", async () => {
    await add();
    const held = await claimed(at(5));
    await logins().release(held, { interval: 5, nextPollAt: at(10) });
    expect(await logins().redeem(held)).toBe(false);
    expect(await logins().identify(held, "person")).toBe(false);
    await claimed(at(10));
  });

  test("a redeemed login stays redeemed through a restart", async () => {
    await add();
    const held = await claimed(at(5));
    await logins().redeem(held);
    await subject.reopen();
    expect(await claim(at(50))).toEqual({ refused: "unknown" });
    expect(await logins().redeem(held)).toBe(false);
  });

  test("a removed login is forgotten", async () => {
    await add();
    const held = await claimed(at(5));
    await logins().remove("hash");
    await logins().remove("unknown");
    expect(await logins().find("hash", at(6))).toBeNull();
    expect(await claim(at(6))).toEqual({ refused: "unknown" });
    expect(await logins().release(held, { interval: 5, nextPollAt: at(10) })).toBe(false);
    expect(await logins().redeem(held)).toBe(false);
  });

  test("logins do not disturb each other", async () => {
    await add();
    await add({ requestHash: "other", interval: 7 });
    await claimed(at(5));
    expect(await claim(at(5), undefined, "other")).toMatchObject({ login: { requestHash: "other", interval: 7 } });
  });

  test("pending logins are counted", async () => {
    expect(await logins().countPending(START)).toBe(0);
    await add({ expiresAt: at(100) });
    await add({ requestHash: "two" });
    await add({ requestHash: "three" });
    expect(await logins().countPending(START)).toBe(3);
    expect(await logins().countPending(at(100))).toBe(2);
    const held = await claimed(at(5));
    expect(await logins().countPending(at(6))).toBe(3);
    await logins().redeem(held);
    expect(await logins().countPending(at(6))).toBe(2);
    await logins().remove("two");
    expect(await logins().countPending(at(6))).toBe(1);
  });
});
