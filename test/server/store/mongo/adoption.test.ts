import { beforeEach, expect, test } from "bun:test";
import { once } from "node:events";
import { GridFSBucket } from "mongodb";
import type { Store } from "../../../../src/server/store/store.ts";
import { onMongo } from "./database.ts";
import { leftByReference, NOW, startReference } from "./reference.ts";

const id = (number: number) => `00000000-0000-4000-8000-00000000000${number}`;
const later = (seconds: number) => new Date(NOW.getTime() + seconds * 1000);
const days = (count: number) => later(count * 86_400);

onMongo("a database of the reference", (subject) => {
  let store: Store;
  beforeEach(async () => {
    await leftByReference(subject.database);
    store = await subject.open();
  });
  const pop = (queue: string) => store.jobs.pop({ agent: "a", queues: [queue], now: NOW });

  test("is adopted with a warning for each kind of duplicates", () => {
    expect(
      store.warnings.map((warning) => warning.replace(/, for example .*/, "").replace(/\. Until.*/, "")).toSorted(),
    ).toEqual([
      "The MongoDB collection jobs holds several documents with the same job_id",
      "The MongoDB collection logs holds several documents with the same job_id, log_type, fragment_number",
      "The MongoDB collection queues holds several documents with the same name",
      "The MongoDB collection restricted_queues holds several documents with the same queue_name",
    ]);
    expect(store.warnings.find((warning) => warning.includes("collection jobs"))).toContain(id(1));
  });

  test("serves the newest of two jobs with one id, and changes that one", async () => {
    expect(await store.jobs.find(id(1))).toMatchObject({ definition: { name: "second attempt" }, state: "waiting" });
    expect(await store.jobs.summary(id(1))).toMatchObject({ state: "waiting" });
    expect(await store.jobs.states([id(1)])).toEqual(new Map([[id(1), "waiting"]]));
    expect(await store.jobs.position(id(1))).toBe(0);
    expect(await store.jobs.report(id(1), { status: { test: 1 } }, NOW)).toEqual({
      state: "waiting",
      stateChanged: false,
    });
    expect(await store.jobs.cancel(id(1), NOW)).toBe(true);
    expect(await store.jobs.cancel(id(1), NOW)).toBe(false);
    expect((await store.jobs.inQueue("twice")).map(({ state }) => state)).toEqual(["complete", "cancelled"]);
    expect(await subject.database.collection("jobs").findOne({ "job_data.name": "first attempt" })).toMatchObject({
      result_data: { job_state: "complete", status: { setup: 0 } },
    });
  });

  test("replaces the newest of two jobs with one id, unless an agent works on it", async () => {
    const renewed = { id: id(1), createdAt: later(1), priority: 0, definition: { job_queue: "twice" } };
    expect(await store.jobs.submit(renewed)).toBe("replaced");
    expect(await pop("twice")).toMatchObject({ id: id(1), createdAt: later(1) });
    expect(await store.jobs.submit(renewed)).toBe("active");
  });

  test("passes flattened results of a completed job on, and leaves its state alone", async () => {
    expect(await store.jobs.find(id(3))).toEqual({
      id: id(3),
      createdAt: new Date("2126-03-01T10:00:00Z"),
      startedAt: new Date("2126-03-01T10:05:00Z"),
      definition: { job_queue: "old", tags: ["nightly"], test_data: { test_cmds: "true" } },
      priority: 0,
      state: "completed",
      status: {},
      deviceInfo: { agent_name: "rpi4-1", device_ip: "10.1.2.3" },
      legacyResults: {
        setup_status: 0,
        test_status: 7,
        test_output: "\u001b[31mfailed\u001b[0m\n",
        test_serial: "login:",
      },
    });
    expect(await store.jobs.report(id(3), { state: "test" }, NOW)).toEqual({ state: "completed", stateChanged: false });
    expect(await store.jobs.cancel(id(3), NOW)).toBe(false);
    const search = { tags: ["nightly"], match: "any", states: [] } as const;
    expect(await store.jobs.search({ ...search, active: true })).toEqual([]);
    expect(await store.jobs.search({ ...search, active: false })).toHaveLength(1);
  });

  test("hands out a job whose provisioning is skipped, as it is", async () => {
    expect(await pop("skipping")).toMatchObject({ id: id(4), definition: { provision_data: "skip" as never } });
  });

  test("knows whose secrets a job reads, and its numbers of 64 bits", async () => {
    const job = await pop("secret");
    expect(job).toMatchObject({ id: id(5), secretsOwner: "ci", priority: 200 });
    expect(job!.definition).toEqual({
      job_queue: "secret",
      global_timeout: 2 ** 53,
      test_data: { test_cmds: "true", secrets: { TOKEN: "ci/token" } },
      exclude_agents: [],
    });
  });

  test("holds a job back until its attachments arrive", async () => {
    expect(await pop("gated")).toBeNull();
    expect(await store.jobs.completeAttachments(id(6))).toBe(true);
    expect(await pop("gated")).toMatchObject({ id: id(6), attachments: "complete" });
  });

  test("reads a fragment that was posted twice twice, also page by page, and takes no third one", async () => {
    const log = { jobId: id(7), type: "output" } as const;
    expect((await store.logs.read(log)).map(({ number, data }) => [number, data])).toEqual([
      [0, "setup\n"],
      [1, "posted twice\n"],
      [1, "posted twice\n"],
    ]);
    const numbers = async (query: object) => (await store.logs.read({ ...log, ...query })).map(({ number }) => number);
    expect(await numbers({ limit: 1 })).toEqual([0]);
    expect(await numbers({ limit: 2 })).toEqual([0, 1, 1]);
    expect(await numbers({ limit: 1, keep: "last" })).toEqual([1, 1]);
    expect(await numbers({ limit: 3, keep: "last" })).toEqual([0, 1, 1]);
    expect(await numbers({ from: 1, limit: 1, phase: "setup" })).toEqual([]);
    const fragment = { ...log, phase: "provision", number: 1, timestamp: NOW, data: "posted twice\n" } as const;
    expect(await store.logs.append(fragment, NOW)).toBe("repeated");
    expect(await store.logs.append({ ...fragment, data: "other" }, NOW)).toBe("conflicting");
    expect(await store.logs.append({ ...fragment, number: 2 }, NOW)).toBe("stored");
    expect(await store.logs.append({ ...fragment, number: 2 }, NOW)).toBe("repeated");
    expect(await store.logs.latest([log])).toEqual(new Map([[`${id(7)}/output`, 2]]));
  });

  test("serves agents that told little and agents that told all", async () => {
    expect(await store.agents.list()).toEqual([
      { name: "bare", updatedAt: new Date("2126-03-01T00:00:00Z") },
      {
        name: "rpi4-1",
        updatedAt: new Date("2126-03-02T00:00:00Z"),
        state: "waiting",
        queues: ["rpi4", "private"],
        location: "lab",
        provision_type: "muxpi",
        identifier: "rpi4-1",
        comment: "",
        job_id: "",
        provisionStreak: { type: "fail", count: 2 },
      },
    ]);
    expect(await store.agents.log("bare")).toEqual([]);
    await store.agents.report("bare", { state: "waiting" }, ["line"], NOW);
    expect(await store.agents.log("bare")).toEqual(["line"]);
    expect(await store.agents.recordProvision("rpi4-1", { jobId: "j", exitCode: 2, timestamp: NOW })).toBe(true);
    expect((await store.agents.find("rpi4-1"))?.provisionStreak).toEqual({ type: "fail", count: 3 });
    expect((await store.agents.provisionHistory("rpi4-1")).map(({ jobId, detail }) => [jobId, detail])).toEqual([
      ["j", undefined],
      [id(3), "no image"],
      ["older", undefined],
    ]);
  });

  test("lists queues that have images only or are split over two documents", async () => {
    const { queues } = store;
    expect(await queues.advertised()).toEqual({ "images-only": "", rpi4: "Raspberry Pi 4", split: "two documents" });
    expect(await queues.images("images-only")).toEqual({ desktop: "distro: noble" });
    expect(await queues.images("split")).toEqual({ one: "url: https://example.com/1" });
    await queues.advertise({ split: "renewed" }, NOW);
    await queues.setImages({ split: { two: "url: https://example.com/2" } });
    expect(await queues.advertised()).toMatchObject({ split: "renewed" });
    expect(await queues.images("split")).toEqual({ two: "url: https://example.com/2" });
  });

  test("keeps the last 1000 of a queue's wait times, however many there are", async () => {
    const waits = Array.from({ length: 5000 }, (_, index) => index);
    await subject.database.collection("queue_wait_times").insertOne({ name: "long", wait_times: waits });
    expect(await store.queues.waitTimes()).toEqual(
      new Map([
        ["idle", []],
        ["long", waits.slice(-1000)],
        ["rpi4", [5, 86_399]],
      ]),
    );
    await store.queues.recordWait("long", 7);
    expect(await store.queues.waitTimes(["long"])).toEqual(new Map([["long", [...waits.slice(-999), 7]]]));
    expect((await subject.database.collection("queue_wait_times").findOne({ name: "long" }))?.wait_times).toHaveLength(
      1000,
    );
  });

  test("keeps restrictions and their owners", async () => {
    const { queues } = store;
    expect(await queues.restricted()).toEqual([
      { queue: "orphan", owners: [] },
      { queue: "private", owners: ["ada@example.com", "ci"] },
    ]);
    await queues.removeOwner("private", "ci");
    await queues.removeOwner("private", "ada@example.com");
    expect(await queues.owners("private")).toBeNull();
  });

  test("keeps clients and their permissions", async () => {
    expect(await store.clients.list()).toEqual([
      {
        id: "",
        permissions: { role: "contributor" },
        subject: { sub: "sub-without-mail" },
        name: "Nameless",
        createdAt: new Date("2125-12-01T00:00:00Z"),
        lastLogin: new Date("2126-03-01T00:00:00Z"),
      },
      {
        id: "ada@example.com",
        permissions: { role: "manager", allowed_queues: ["private"] },
        subject: { sub: "sub-ada" },
        name: "Ada",
        createdAt: new Date("2125-12-01T00:00:00Z"),
        lastLogin: new Date("2126-03-01T00:00:00Z"),
      },
      {
        id: "ci",
        secretHash: expect.stringMatching(/^\$2b\$08\$/),
        permissions: {
          max_priority: { "*": 1, rpi4: 100 },
          max_reservation_time: {},
          allowed_queues: ["private", "not-restricted"],
        },
      },
      { id: "testflinger-admin", secretHash: "$2b$12$admin", permissions: { role: "admin" } },
    ]);
  });

  test("binds a person to the issuer at the next login; role, grants and tokens stay", async () => {
    const login = { issuer: "https://idp.example.com", sub: "sub-ada", email: "ada@example.com", name: "Ada L." };
    const { find } = store.refreshTokens;
    const token = await find("0123456789abcdef0123456789abcdef0123456789abcdef");
    expect(await store.clients.recordLogin(login, NOW)).toMatchObject({
      id: "ada@example.com",
      subject: { sub: "sub-ada", issuer: "https://idp.example.com" },
      permissions: { role: "manager", allowed_queues: ["private"] },
      createdAt: new Date("2125-12-01T00:00:00Z"),
    });
    expect(await store.clients.recordLogin({ ...login, issuer: "https://other.example.com" }, NOW)).toBe("conflict");
    expect(token?.clientId).toBe("ada@example.com");
    expect(await store.clients.list()).toHaveLength(4);
  });

  test("gives a person without an e-mail the one of the next login", async () => {
    const login = { issuer: "i", sub: "sub-without-mail", email: "found@example.com", name: "Named" };
    expect(await store.clients.recordLogin(login, NOW)).toMatchObject({ id: "found@example.com", name: "Named" });
    expect(await store.clients.find("")).toBeNull();
  });

  test("takes its refresh tokens and keeps only their hashes from their first use on", async () => {
    const token = "never-expiring-token-of-an-old-release-0123456789";
    const found = await store.refreshTokens.find(token);
    expect(found).toMatchObject({ clientId: "ci", revoked: false });
    expect(found).not.toHaveProperty("expiresAt");
    expect(await store.refreshTokens.ofClient("ci", days(10_000))).toEqual([found!]);
    const stored = await subject.database.collection("refresh_tokens").findOne({ client_id: "ci" });
    expect(stored?.refresh_token).toMatch(/^sha256:[0-9a-f]{64}$/);
    expect(await store.refreshTokens.find(token)).toEqual(found);
    expect(await store.refreshTokens.find(stored!.refresh_token)).toBeNull();
    expect(await store.refreshTokens.find("0123456789abcdef0123456789abcdef0123456789abcdef")).toMatchObject({
      revoked: true,
    });
  });

  test("reads the newest version of a file, and removes the others with the next upload", async () => {
    const { database } = subject;
    const bucket = new GridFSBucket(database);
    for (const content of ["old", "new"]) {
      const upload = bucket.openUploadStream(`${id(7)}.artifact`);
      upload.end(Buffer.from(content));
      await once(upload, "finish");
    }
    await database.collection("fs.files").updateMany({}, { $set: { uploadDate: NOW } });
    const text = async () => new Response((await store.files.open(id(7), "artifact"))!.content()).text();
    expect(await text()).toBe("new");
    await store.files.save(
      id(7),
      "artifact",
      (async function* () {
        yield new TextEncoder().encode("newest");
      })(),
      NOW,
    );
    expect(await text()).toBe("newest");
    expect(await database.collection("fs.files").countDocuments()).toBe(1);
    expect(await database.collection("fs.chunks").find().toArray()).toMatchObject([{ n: 0, uploadDate: NOW }]);
  });

  test("keeps what the reference alone reads", async () => {
    await store.sweep(days(1000));
    expect(await subject.database.collection("secrets.ci").countDocuments()).toBe(3);
    expect(await subject.database.collection("output").countDocuments()).toBe(1);
  });

  test("keeps a job that runs for weeks, with its logs, and removes those that ended", async () => {
    await store.sweep(days(100));
    expect(await store.jobs.find(id(7))).toMatchObject({ state: "reserve" });
    expect(await store.logs.read({ jobId: id(7), type: "output" })).toHaveLength(3);
    expect(
      (await store.jobs.search({ tags: [], match: "any", states: [], active: false })).map((job) => job.id).toSorted(),
    ).toEqual([id(1), id(4), id(5), id(7)]);
  });

  test("can be given back to the reference", async () => {
    await store.close();
    await startReference(subject.database);
    const again = await subject.open();
    expect(again.warnings).toEqual(store.warnings);
  });
});
