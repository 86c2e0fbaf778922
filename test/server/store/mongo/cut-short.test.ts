import { beforeEach, expect, test } from "bun:test";
import { Binary, ObjectId } from "mongodb";
import type { Store } from "../../../../src/server/store/store.ts";
import { onMongo } from "./database.ts";

const NOW = new Date("2026-03-04T05:06:07Z");
const at = (days: number) => new Date(NOW.getTime() + days * 86_400_000);

onMongo("a rename that was cut short", (subject) => {
  const person = { issuer: "i", sub: "s", name: "Ada" };
  let store: Store;
  beforeEach(async () => {
    store = await subject.open();
    await store.clients.recordLogin({ ...person, email: "old@example.com" }, NOW);
    await store.refreshTokens.add("token", { clientId: "old@example.com", issuedAt: NOW, expiresAt: at(6) });
    await secret("old@example.com", "p", 1);
    await store.jobs.submit({
      id: "job",
      createdAt: NOW,
      priority: 0,
      definition: { job_queue: "q" },
      submitter: "old@example.com",
      secretsOwner: "old@example.com",
    });
    // The account has its new id; the process died before anything else followed.
    await subject.database
      .collection("client_permissions")
      .updateOne({ sub: "s" }, { $set: { client_id: "new@example.com", renamed_from: "old@example.com" } });
  });

  const secret = (owner: string, path: string, value: number) =>
    store.secrets.put({ owner, path, sealed: new Uint8Array([value]), keyId: "k", ephemeral: false }, NOW);
  const valueOf = async (owner: string, path: string) => (await store.secrets.find(owner, path, NOW))?.sealed[0];
  const belongings = async () => [
    (await store.refreshTokens.find("token"))?.clientId,
    await valueOf("new@example.com", "p"),
    (await store.jobs.find("job"))?.submitter,
    (await store.jobs.find("job"))?.secretsOwner,
  ];
  const followed = ["new@example.com", 1, "new@example.com", "new@example.com"];

  test("is completed by the next login", async () => {
    await store.clients.recordLogin({ ...person, email: "new@example.com" }, at(1));
    expect(await belongings()).toEqual(followed);
    expect(await subject.database.collection("client_permissions").findOne({ sub: "s" })).not.toHaveProperty(
      "renamed_from",
    );
  });

  test("is completed before the next rename", async () => {
    await store.clients.recordLogin({ ...person, email: "third@example.com" }, at(1));
    expect((await store.refreshTokens.find("token"))?.clientId).toBe("third@example.com");
    expect(await valueOf("third@example.com", "p")).toBe(1);
  });

  test.each([
    ["person", () => store.clients.recordLogin({ ...person, sub: "other", email: "old@example.com" }, at(1))],
    ["password client", () => store.clients.create({ id: "old@example.com", secretHash: "h", permissions: {} })],
  ])("is completed before a %s gets the former id, and nothing is inherited", async (_, takeFormerId) => {
    await takeFormerId();
    expect(await belongings()).toEqual(followed);
    expect(await valueOf("old@example.com", "p")).toBeUndefined();
    expect(await store.refreshTokens.ofClient("old@example.com", NOW)).toEqual([]);
  });

  test("keeps what was stored under the new id since then", async () => {
    await secret("new@example.com", "p", 2);
    await store.clients.recordLogin({ ...person, email: "new@example.com" }, at(1));
    expect(await valueOf("new@example.com", "p")).toBe(2);
    expect(await valueOf("old@example.com", "p")).toBeUndefined();
  });
});

onMongo("a removal that was cut short", (subject) => {
  test("leaves nothing to whoever gets the id later", async () => {
    const store = await subject.open();
    for (const owner of ["gone", "gone@example.com"]) {
      await store.refreshTokens.add(`token of ${owner}`, { clientId: owner, issuedAt: NOW, expiresAt: at(6) });
      await store.secrets.put({ owner, path: "p", sealed: new Uint8Array([1]), keyId: "k", ephemeral: false }, NOW);
    }
    await store.clients.create({ id: "gone", secretHash: "h", permissions: {} });
    await store.clients.recordLogin({ issuer: "i", sub: "s", email: "gone@example.com", name: "n" }, NOW);
    for (const owner of ["gone", "gone@example.com"]) {
      expect(await store.refreshTokens.find(`token of ${owner}`)).toBeNull();
      expect(await store.secrets.find(owner, "p", NOW)).toBeNull();
    }
  });

  test("takes nothing from the client that has the id", async () => {
    const store = await subject.open();
    await store.clients.create({ id: "ci", secretHash: "h", permissions: {} });
    await store.refreshTokens.add("token", { clientId: "ci", issuedAt: NOW, expiresAt: at(6) });
    expect(await store.clients.create({ id: "ci", secretHash: "h", permissions: {} })).toBe(false);
    expect(await store.clients.recordLogin({ issuer: "i", sub: "s", email: "ci", name: "n" }, NOW)).toBe("conflict");
    expect(await store.refreshTokens.find("token")).not.toBeNull();
  });

  test("of a job by the reference is completed by the sweep when its logs and files are old too", async () => {
    const { database } = subject;
    const store = await subject.open();
    const fragment = { job_id: "gone", log_type: "output", phase: "test", timestamp: NOW, log_data: "" };
    await database.collection("logs").insertMany([
      { ...fragment, fragment_number: 0, updated_at: NOW },
      { ...fragment, fragment_number: 1, updated_at: at(1) },
    ]);
    const file = { length: 1, chunkSize: 261_120 };
    const [, young] = await Promise.all(
      [NOW, at(1)].map(async (uploadDate) => {
        const { insertedId } = await database
          .collection("fs.files")
          .insertOne({ ...file, filename: "gone.artifact", uploadDate });
        await database
          .collection("fs.chunks")
          .insertOne({ files_id: insertedId, n: 0, data: new Binary(new Uint8Array(1)), uploadDate });
        return insertedId;
      }),
    );
    await store.sweep(at(7));
    expect((await store.logs.read({ jobId: "gone", type: "output" })).map(({ number }) => number)).toEqual([1]);
    expect(await database.collection("fs.chunks").distinct("files_id")).toEqual([young!]);
    expect(await database.collection("fs.files").distinct("_id")).toEqual([young!]);
    await store.sweep(at(8));
    expect(await store.logs.read({ jobId: "gone", type: "output" })).toEqual([]);
    expect(await database.collection("fs.chunks").countDocuments()).toBe(0);
  });
});

onMongo("an upload that was cut short", (subject) => {
  test("leaves no chunk behind", async () => {
    const store = await subject.open();
    async function* cut() {
      yield new Uint8Array(600_000);
      throw new Error("cut off");
    }
    await expect(store.files.save("job", "artifact", cut(), NOW)).rejects.toThrow("cut off");
    expect(await subject.database.collection("fs.chunks").countDocuments()).toBe(0);
    expect(await subject.database.collection("fs.files").countDocuments()).toBe(0);
  });

  test("by the death of the server is swept a day later, one that goes on is not", async () => {
    const store = await subject.open();
    const chunks = subject.database.collection("fs.chunks");
    const idOf = (date: Date) => new ObjectId(ObjectId.generate(date.getTime() / 1000));
    const [dead, slow, fresh] = [idOf(NOW), idOf(NOW), idOf(at(1))];
    const chunk = (files_id: ObjectId, n: number, date: Date) => ({
      _id: idOf(date),
      files_id,
      n,
      data: new Binary(new Uint8Array(1)),
    });
    await chunks.insertMany([
      chunk(dead, 0, NOW),
      chunk(dead, 1, NOW),
      chunk(slow, 0, NOW),
      chunk(slow, 1, at(2)),
      chunk(fresh, 0, at(2)),
    ]);
    await store.sweep(at(2));
    expect((await chunks.distinct("files_id")).map(String).toSorted()).toEqual([slow, fresh].map(String).toSorted());
    await store.sweep(at(4));
    expect(await chunks.countDocuments()).toBe(0);
  });
});
