import { expect, test } from "bun:test";
import { AppendSuperseded } from "../../src/server/store/uploads.ts";
import { contract } from "./contract.ts";
import { at, DAY, START } from "./samples.ts";

const CHUNK = 255 * 1024;
const JOB = "job";

/** Bytes that tell where they stand, so that a swapped or lost chunk shows. */
const pattern = (length: number, seed = 0): Uint8Array =>
  Uint8Array.from({ length }, (_, index) => (index * 31 + (index >> 8) + seed) & 255);

async function* pieces(bytes: Uint8Array, size = 100_000): AsyncGenerator<Uint8Array> {
  for (let start = 0; start < bytes.length; start += size) yield bytes.subarray(start, start + size);
}

/** A source that waits before its end, and tells when it is asked for more than it has. */
function held(bytes: Uint8Array, end: "ends" | "fails" = "ends") {
  const [asked, released] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  async function* content() {
    yield* pieces(bytes);
    asked.resolve();
    await released.promise;
    if (end === "fails") throw new Error("cut off");
  }
  return { content: content(), asked: asked.promise, release: released.resolve };
}

const digestOf = (bytes: Uint8Array) => new Bun.CryptoHasher("sha256").update(bytes).digest("hex");

contract("uploads", (subject) => {
  const now = () => START;
  const begin = (bytes: Uint8Array, id = "u", jobId = JOB) =>
    subject.store.uploads.begin({ id, jobId, length: bytes.length, sha256: digestOf(bytes) }, START);
  const append = (offset: number, content: AsyncIterable<Uint8Array>, id = "u") =>
    subject.store.uploads.append({ jobId: JOB, id }, offset, content, now);
  const received = async (id = "u") => (await subject.store.uploads.find(JOB, id))?.received;
  const stored = async () => {
    const content = await subject.store.uploads.content({ jobId: JOB, id: "u" });
    return content && digestOf(await new Response(content).bytes());
  };
  const attachments = async () => {
    const file = await subject.store.files.open(JOB, "attachments");
    return file && digestOf(await new Response(file.content()).bytes());
  };

  test("one begins with nothing received", async () => {
    const bytes = pattern(10);
    const upload = { id: "u", jobId: JOB, length: 10, sha256: digestOf(bytes), received: 0, isComplete: false };
    expect(await begin(bytes)).toEqual(upload);
    expect(await subject.store.uploads.find(JOB, "u")).toEqual(upload);
    expect(await subject.store.uploads.find(JOB, "other")).toBeNull();
    expect(await subject.store.uploads.find("other", "u")).toBeNull();
  });

  test.each([
    ["at the beginning of a chunk", [0, CHUNK, 2 * CHUNK]],
    ["in the middle of chunks", [0, 1000, CHUNK + 7, CHUNK + 8, 3 * CHUNK - 1]],
    ["within one chunk", [0, 1, 2, 3]],
  ])("parts that begin %s make the whole", async (_where, starts) => {
    const bytes = pattern(3 * CHUNK + 17);
    await begin(bytes);
    for (const [index, start] of starts.entries()) {
      const end = starts[index + 1] ?? bytes.length;
      expect((await append(start, pieces(bytes.subarray(start, end))))?.received).toBe(end);
    }
    expect(await stored()).toBe(digestOf(bytes));
  });

  test("an empty one is whole from the beginning", async () => {
    await begin(pattern(0));
    expect(await stored()).toBe(digestOf(pattern(0)));
    expect((await subject.store.uploads.complete(JOB, "u", START))?.isComplete).toBeTrue();
    expect(await attachments()).toBe(digestOf(pattern(0)));
  });

  test("a part that begins elsewhere is not taken, and changes nothing", async () => {
    const bytes = pattern(2000);
    await begin(bytes);
    await append(0, pieces(bytes.subarray(0, 1000)));
    for (const offset of [0, 999, 1001, 2000]) expect(await append(offset, pieces(pattern(5, 9)))).toBeNull();
    expect(await append(1000, pieces(pattern(1)), "other")).toBeNull();
    expect(await received()).toBe(1000);
    expect(await stored()).toBe(digestOf(bytes.subarray(0, 1000)));
  });

  test("what arrived before a part broke off is kept to the byte, and its error is thrown on", async () => {
    const bytes = pattern(2 * CHUNK);
    await begin(bytes);
    const broken = held(bytes.subarray(0, CHUNK + 321), "fails");
    const appending = append(0, broken.content);
    broken.release();
    await expect(appending).rejects.toThrow("cut off");
    expect(await received()).toBe(CHUNK + 321);
    await append(CHUNK + 321, pieces(bytes.subarray(CHUNK + 321)));
    expect(await stored()).toBe(digestOf(bytes));
  });

  test("more than the whole is not kept", async () => {
    const bytes = pattern(CHUNK + 10);
    await begin(bytes);
    expect((await append(0, pieces(Buffer.concat([bytes, pattern(CHUNK, 5)]))))?.received).toBe(CHUNK + 10);
    expect(await stored()).toBe(digestOf(bytes));
  });

  test("of two requests that append, the later one goes on and the earlier one ends", async () => {
    const bytes = pattern(4 * CHUNK);
    await begin(bytes);
    const slow = held(pattern(2 * CHUNK, 77));
    const first = append(0, slow.content).catch((error: unknown) => error);
    await slow.asked;
    const before = (await received())!;
    const second = held(bytes.subarray(before));
    const later = append(before, second.content);
    await second.asked;
    slow.release();
    second.release();
    expect((await later)?.received).toBe(4 * CHUNK);
    // What it had left to write came in nobody's turn, or there was nothing left.
    const outcome = await first;
    if (outcome instanceof Error) expect(outcome).toBeInstanceOf(AppendSuperseded);
    expect(await stored()).toBe(
      digestOf(Buffer.concat([pattern(2 * CHUNK, 77).subarray(0, before), bytes.subarray(before)])),
    );
  });

  test("a request that was overtaken writes nothing more", async () => {
    const bytes = pattern(3 * CHUNK);
    await begin(bytes);
    const gate = Promise.withResolvers<void>();
    const asked = Promise.withResolvers<void>();
    async function* overtaken() {
      yield bytes.subarray(0, CHUNK + 100);
      asked.resolve();
      await gate.promise;
      yield pattern(CHUNK, 99);
    }
    const first = append(0, overtaken()).catch((error: unknown) => error);
    await asked.promise;
    expect((await subject.store.uploads.halt(JOB, "u", START))?.received).toBe(CHUNK);
    gate.resolve();
    expect(await first).toBeInstanceOf(AppendSuperseded);
    expect(await received()).toBe(CHUNK);
    await append(CHUNK, pieces(bytes.subarray(CHUNK)));
    expect(await stored()).toBe(digestOf(bytes));
  });

  test("a request that was overtaken and passed changes nothing of what the later one stored", async () => {
    const bytes = pattern(3 * CHUNK);
    await begin(bytes);
    const slow = held(bytes.subarray(0, CHUNK + 100));
    const first = append(0, slow.content).catch((error: unknown) => error);
    await slow.asked;
    await append(CHUNK, pieces(bytes.subarray(CHUNK)));
    // What it still holds belongs into a chunk that is there by now.
    slow.release();
    expect(await first).toBeInstanceOf(AppendSuperseded);
    expect(await received()).toBe(3 * CHUNK);
    expect(await stored()).toBe(digestOf(bytes));
  });

  test("many requests at the same offset: one gets the turn, or each ends the one before, and bytes are never mixed", async () => {
    const bytes = pattern(2 * CHUNK + 5);
    await begin(bytes);
    const outcomes = await Promise.all(
      Array.from({ length: 6 }, () => append(0, pieces(bytes, 50_000)).catch((error: unknown) => error)),
    );
    for (const outcome of outcomes) if (outcome instanceof Error) expect(outcome).toBeInstanceOf(AppendSuperseded);
    const from = (await received())!;
    if (from < bytes.length) await append(from, pieces(bytes.subarray(from)));
    expect(await stored()).toBe(digestOf(bytes));
  });

  test("the same content goes on with the open one; other content takes its place", async () => {
    const [one, other] = [pattern(1000), pattern(1000, 1)];
    await begin(one);
    await append(0, pieces(one.subarray(0, 600)));
    expect(await begin(one, "again")).toMatchObject({ id: "u", received: 600 });
    expect(await begin(other, "v")).toMatchObject({ id: "v", received: 0 });
    expect(await subject.store.uploads.find(JOB, "u")).toBeNull();
    expect(await append(600, pieces(one.subarray(600)))).toBeNull();
    expect((await append(0, pieces(other), "v"))?.received).toBe(1000);
  });

  test("ten beginnings at once make one upload", async () => {
    const bytes = pattern(10);
    const begun = await Promise.all(Array.from({ length: 10 }, (_, index) => begin(bytes, `u${index}`)));
    expect(new Set(begun.map(({ id }) => id)).size).toBe(1);
  });

  test("a complete one is the job's attachments, and stays complete", async () => {
    const bytes = pattern(CHUNK + 1);
    await subject.store.files.save(JOB, "attachments", pieces(pattern(5)), START);
    await begin(bytes);
    await append(0, pieces(bytes));
    expect(await attachments()).toBe(digestOf(pattern(5)));
    expect(await subject.store.uploads.complete(JOB, "u", at(1))).toMatchObject({ isComplete: true });
    expect(await attachments()).toBe(digestOf(bytes));
    expect(await subject.store.uploads.complete(JOB, "u", at(2))).toMatchObject({ isComplete: true });
    expect(await append(bytes.length, pieces(pattern(1)))).toBeNull();
    expect(await begin(bytes, "again")).toMatchObject({ id: "u", isComplete: true });
    expect(await attachments()).toBe(digestOf(bytes));
  });

  test("discarding an open one takes its bytes; a complete one's are the job's", async () => {
    const bytes = pattern(CHUNK + 1);
    await begin(bytes);
    await append(0, pieces(bytes));
    await subject.store.uploads.discard(JOB, "u");
    expect([await received(), await stored()]).toEqual([undefined, null]);
    expect(await subject.store.uploads.complete(JOB, "u", START)).toBeNull();
    await begin(bytes);
    await append(0, pieces(bytes));
    await subject.store.uploads.complete(JOB, "u", START);
    await subject.store.uploads.discard(JOB, "u");
    expect(await received()).toBeUndefined();
    expect(await attachments()).toBe(digestOf(bytes));
  });

  test("one that has expired gets nothing more, and goes with the next sweep; a complete one does not expire", async () => {
    const bytes = pattern(2 * CHUNK);
    await begin(bytes);
    const slow = held(bytes.subarray(0, CHUNK + 100));
    const first = append(0, slow.content).catch((error: unknown) => error);
    await slow.asked;
    await subject.store.uploads.expire(JOB);
    await subject.store.uploads.expire("unknown");
    slow.release();
    expect(await first).toBeInstanceOf(AppendSuperseded);
    await subject.store.sweep(START);
    expect(await received()).toBeUndefined();
    await begin(bytes);
    await append(0, pieces(bytes));
    await subject.store.uploads.complete(JOB, "u", START);
    await subject.store.uploads.expire(JOB);
    await subject.store.sweep(START);
    expect(await received()).toBe(bytes.length);
  });

  test("removing the files of a job takes its upload along", async () => {
    const bytes = pattern(CHUNK);
    await begin(bytes);
    await begin(bytes, "u", "other");
    await append(0, pieces(bytes.subarray(0, 10)));
    await subject.store.files.remove(JOB);
    expect(await received()).toBeUndefined();
    expect(await subject.store.uploads.find("other", "u")).not.toBeNull();
  });

  test("one goes on after a restart, in the middle of a chunk", async () => {
    const bytes = pattern(2 * CHUNK);
    await begin(bytes);
    await append(0, pieces(bytes.subarray(0, CHUNK + 9)));
    await subject.reopen();
    expect(await received()).toBe(CHUNK + 9);
    await append(CHUNK + 9, pieces(bytes.subarray(CHUNK + 9)));
    expect(await stored()).toBe(digestOf(bytes));
  });

  test("an abandoned one is swept a day after its last part, and only then", async () => {
    const bytes = pattern(1000);
    await begin(bytes);
    await subject.store.uploads.append({ jobId: JOB, id: "u" }, 0, pieces(bytes.subarray(0, 500)), () => at(DAY / 2));
    await subject.store.sweep(at(1.5 * DAY - 1));
    expect(await received()).toBe(500);
    expect(await stored()).toBe(digestOf(bytes.subarray(0, 500)));
    await subject.store.sweep(at(1.5 * DAY));
    expect(await received()).toBeUndefined();
  });

  test("sweeping a complete one leaves the file", async () => {
    const bytes = pattern(1000);
    await subject.store.jobs.submit({
      id: JOB,
      createdAt: START,
      definition: { job_queue: "q" },
      attachments: "waiting",
      priority: 0,
    });
    await begin(bytes);
    await append(0, pieces(bytes));
    await subject.store.uploads.complete(JOB, "u", START);
    await subject.store.sweep(at(2 * DAY));
    expect(await received()).toBeUndefined();
    expect(await attachments()).toBe(digestOf(bytes));
  });
});
