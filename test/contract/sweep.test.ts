import { expect, test } from "bun:test";
import { contract } from "./contract.ts";
import { at, atOnce, DAY, fragment, newJob, START } from "./samples.ts";

async function* content() {
  yield new Uint8Array([1, 2, 3]);
}

contract("sweeping", (subject) => {
  const submit = async (given: Parameters<typeof newJob>[0] = {}, now = START) => {
    const { jobs, logs, files } = subject.store;
    const job = newJob(given);
    await jobs.submit(job);
    await logs.append(fragment({ jobId: job.id }), now);
    await files.save(job.id, "artifact", content(), now);
    return job.id;
  };
  const traces = async (id: string) => {
    const { jobs, logs, files } = subject.store;
    return [
      (await jobs.find(id)) !== null,
      (await logs.read({ jobId: id, type: "output" })).length > 0,
      (await files.open(id, "artifact")) !== null,
    ];
  };
  const all = [true, true, true];
  const none = [false, false, false];

  test("an empty database is fine", async () => {
    await subject.store.sweep(START);
  });

  test("an ended job goes with its logs and files when the retention is over, counted from its end", async () => {
    const { store } = subject;
    const [ended, cancelled] = [await submit(), await submit()];
    await store.jobs.report(ended, { state: "complete" }, at(5 * DAY));
    await store.jobs.cancel(cancelled, at(6 * DAY));
    await store.logs.append(fragment({ jobId: ended, type: "serial" }), at(6 * DAY));
    await store.files.save(ended, "attachments", content(), at(6 * DAY));
    await store.sweep(at(12 * DAY - 1));
    expect([await traces(ended), await traces(cancelled)]).toEqual([all, all]);
    await store.sweep(at(12 * DAY));
    expect([await traces(ended), await traces(cancelled)]).toEqual([none, all]);
    expect(await store.logs.read({ jobId: ended, type: "serial" })).toEqual([]);
    expect(await store.files.open(ended, "attachments")).toBeNull();
    await store.sweep(at(13 * DAY));
    expect(await traces(cancelled)).toEqual(none);
  });

  test("an active job never goes, nor its logs and files", async () => {
    const { store } = subject;
    const [waiting, running] = [await submit(), await submit({ priority: 1 })];
    await store.jobs.pop({ agent: "a", queues: ["q"], now: at(1) });
    await store.jobs.report(running, { state: "reserve" }, at(2));
    await store.sweep(at(1000 * DAY));
    expect([await traces(waiting), await traces(running)]).toEqual([all, all]);
  });

  test("a job whose attachments never arrived goes, counted from its submission", async () => {
    const { store } = subject;
    const gated = await submit({ attachments: "waiting" });
    const complete = await submit({ attachments: "waiting" });
    await store.jobs.completeAttachments(complete);
    await store.sweep(at(7 * DAY - 1));
    expect(await traces(gated)).toEqual(all);
    await store.sweep(at(7 * DAY));
    expect([await traces(gated), await traces(complete)]).toEqual([none, all]);
  });

  test("a job submitted again under its id is a new one", async () => {
    const { store } = subject;
    const id = await submit();
    await store.jobs.cancel(id, at(1));
    await store.jobs.submit(newJob({ id, createdAt: at(20 * DAY) }));
    await store.sweep(at(21 * DAY));
    expect(await store.jobs.find(id)).toMatchObject({ state: "waiting" });
  });

  test("agents that stopped reporting go with their history", async () => {
    const { agents } = subject.store;
    await agents.report("gone", { queues: ["q"] }, ["line"], START);
    await agents.recordProvision("gone", { jobId: "j", exitCode: 0, timestamp: START });
    await agents.report("alive", { queues: ["q"] }, [], START);
    await agents.report("alive", {}, [], at(DAY));
    await subject.store.sweep(at(7 * DAY - 1));
    expect(await agents.list()).toHaveLength(2);
    await subject.store.sweep(at(7 * DAY));
    expect((await agents.list()).map(({ name }) => name)).toEqual(["alive"]);
    expect((await agents.inQueue("q")).map(({ name }) => name)).toEqual(["alive"]);
    await agents.report("gone", {}, [], at(8 * DAY));
    expect(await agents.log("gone")).toEqual([]);
    expect(await agents.provisionHistory("gone")).toEqual([]);
  });

  test("queues that nobody advertises any more go; those with images only stay", async () => {
    const { queues } = subject.store;
    await queues.advertise({ gone: "x", alive: "y" }, START);
    await queues.setImages({ "images-only": { i: "x" }, alive: { i: "x" } });
    await queues.advertise({ alive: "y" }, at(DAY));
    await subject.store.sweep(at(7 * DAY));
    expect(Object.keys(await queues.advertised())).toEqual(["alive", "images-only"]);
  });

  test("restrictions and wait times stay", async () => {
    const { clients, queues } = subject.store;
    await clients.create({ id: "a", secretHash: "h", permissions: { role: "admin" }, createdAt: START });
    await queues.restrict("q", "a");
    await queues.recordWait("q", 1);
    await subject.store.sweep(at(1000 * DAY));
    expect(await queues.owners("q")).toEqual(["a"]);
    expect(await queues.waitTimes()).toEqual(new Map([["q", [1]]]));
  });

  test("refresh tokens go by their last use, whatever their state", async () => {
    const { refreshTokens } = subject.store;
    const { id } = await refreshTokens.add("used", { clientId: "a", issuedAt: START, expiresAt: at(6 * DAY) });
    await refreshTokens.add("unused", { clientId: "a", issuedAt: START, expiresAt: at(6 * DAY) });
    await refreshTokens.touch(id, at(DAY));
    await refreshTokens.revoke(id);
    await subject.store.sweep(at(90 * DAY - 1));
    expect(await refreshTokens.find("unused")).not.toBeNull();
    await subject.store.sweep(at(90 * DAY));
    expect(await refreshTokens.find("unused")).toBeNull();
    expect(await refreshTokens.find("used")).not.toBeNull();
    await subject.store.sweep(at(91 * DAY));
    expect(await refreshTokens.find("used")).toBeNull();
  });

  test("people who have not logged in go as if deleted; password clients stay", async () => {
    const { clients, queues, refreshTokens, secrets } = subject.store;
    const person = { issuer: "i", name: "n" };
    await clients.recordLogin({ ...person, sub: "1", email: "gone@example.com" }, START);
    await clients.recordLogin({ ...person, sub: "2", email: "alive@example.com" }, START);
    await clients.recordLogin({ ...person, sub: "2", email: "alive@example.com" }, at(DAY));
    await clients.create({ id: "password", secretHash: "h", permissions: {}, createdAt: START });
    await queues.restrict("q", "gone@example.com");
    await refreshTokens.add("token", { clientId: "gone@example.com", issuedAt: at(80 * DAY), expiresAt: at(86 * DAY) });
    await secrets.put(
      { owner: "gone@example.com", path: "p", sealed: new Uint8Array([1]), keyId: "k", ephemeral: false },
      START,
    );
    await subject.store.sweep(at(90 * DAY - 1));
    expect(await clients.list()).toHaveLength(3);
    await subject.store.sweep(at(90 * DAY));
    expect((await clients.list()).map(({ id }) => id)).toEqual(["alive@example.com", "password"]);
    expect(await queues.owners("q")).toEqual([]);
    expect(await refreshTokens.find("token")).toBeNull();
    expect(await secrets.find("gone@example.com", "p", at(90 * DAY))).toBeNull();
  });

  test("expired logins and secrets go", async () => {
    const { deviceLogins, secrets } = subject.store;
    const login = { requestHash: "h", sealedDeviceCode: "s", interval: 5, expiresAt: at(10) };
    await deviceLogins.add(login, at(5));
    await deviceLogins.add({ ...login, requestHash: "later", expiresAt: at(11) }, at(5));
    const secret = { owner: "o", sealed: new Uint8Array([1]), keyId: "k", ephemeral: false };
    await secrets.put({ ...secret, path: "expired", expiresAt: at(10) }, START);
    await secrets.put({ ...secret, path: "later", expiresAt: at(11) }, START);
    await secrets.put({ ...secret, path: "forever" }, START);
    await subject.store.sweep(at(10));
    // Asked about a time at which nothing had expired yet, only what was removed is missing.
    expect(await deviceLogins.countPending(START)).toBe(1);
    expect((await secrets.existing("o", ["expired", "later", "forever"], START)).sort()).toEqual(["forever", "later"]);
  });

  test("the retention is the one that the store was opened with", async () => {
    const store = await subject.reopen({ jobs: 1, agents: 2, refreshTokens: 3, people: 4 });
    const job = await submit();
    await store.jobs.cancel(job, START);
    await store.agents.report("a", {}, [], START);
    await store.refreshTokens.add("t", { clientId: "a", issuedAt: START, expiresAt: at(100 * DAY) });
    await store.clients.recordLogin({ issuer: "i", sub: "s", email: "e@example.com", name: "" }, START);
    const left = async () => [
      (await store.jobs.find(job)) !== null,
      (await store.agents.find("a")) !== null,
      (await store.refreshTokens.find("t")) !== null,
      (await store.clients.find("e@example.com")) !== null,
    ];
    for (let days = 0; days <= 4; days++) {
      await store.sweep(at(days * DAY));
      expect(await left()).toEqual([days < 1, days < 2, days < 3, days < 4]);
    }
  });

  test("many sweeps at once are fine", async () => {
    const ids = await atOnce(30, () => submit());
    for (const id of ids) await subject.store.jobs.cancel(id, START);
    await atOnce(5, () => subject.store.sweep(at(8 * DAY)));
    expect(await subject.store.jobs.inQueue("q")).toEqual([]);
  });
});
