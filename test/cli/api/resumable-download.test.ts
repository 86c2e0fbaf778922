import { describe, expect, test } from "bun:test";
import { ConnectionFailure, HttpError, UnexpectedAnswer } from "../../../src/cli/api/errors.ts";
import { type Continuation, resumableDownload } from "../../../src/cli/api/resumable-download.ts";
import type { Answer } from "../../../src/cli/api/transport.ts";
import { createLog } from "../../../src/cli/log.ts";
import { World } from "../support/world.ts";

const FILE = "0123456789";
const ETAG = '"v1"';

const cut = () => new ConnectionFailure("cut", "connection");

/** An answer that brings a text and then ends, or fails. */
function answer(status: number, text: string, headers: Record<string, string>, failure?: Error): Answer {
  return {
    status,
    headers: new Headers(headers),
    async *chunks() {
      for (const character of text) yield new TextEncoder().encode(character);
      if (failure) throw failure;
    },
    text: async () => text,
    discard: async () => undefined,
  };
}

const whole = (text = FILE, failure?: Error, etag = ETAG) => answer(200, text, { etag }, failure);
const rest = (start: number, text = FILE.slice(start), failure?: Error) =>
  answer(206, text, { etag: ETAG, "content-range": `bytes ${start}-9/10` }, failure);

/** Downloads with these answers, one for each request; tells what was asked and what came. */
async function download(answers: (Answer | Error)[], random?: () => number) {
  using world = new World();
  const asked: (Continuation | undefined)[] = [];
  let file = "";
  const pieces = resumableDownload(
    async (continuation) => {
      asked.push(continuation);
      const next = answers.length > 1 ? answers.shift()! : answers[0]!;
      if (next instanceof Error) throw next;
      return next;
    },
    { clock: world.clock, random: random ?? world.context.random, log: createLog(world.context) },
  );
  const work = (async () => {
    for await (const { position, bytes } of pieces) file = file.slice(0, position) + new TextDecoder().decode(bytes);
  })();
  const failure = await world.clock.run(work).then(
    () => undefined,
    (error: unknown) => error,
  );
  return { asked, file, failure, slept: world.clock.slept, stderr: world.stderr };
}

describe("a download", () => {
  test("that arrives asks once", async () => {
    expect(await download([whole()])).toMatchObject({ asked: [undefined], file: FILE, failure: undefined, stderr: "" });
  });

  test("goes on after each break where it was, on condition that the file is the same", async () => {
    const { asked, file, slept, stderr } = await download([whole("012", cut()), rest(3, "345", cut()), rest(6)]);
    expect(asked).toEqual([undefined, { start: 3, etag: ETAG }, { start: 6, etag: ETAG }]);
    expect(file).toBe(FILE);
    expect(slept).toEqual([1_000, 1_000]);
    expect(stderr.match(/broke off and will go on/g)).toHaveLength(2);
  });

  test("begins anew when the file has become another one", async () => {
    const { asked, file } = await download([whole("012", cut()), whole("another", undefined, '"v2"')]);
    expect([asked.length, file]).toEqual([2, "another"]);
  });

  test.each([
    ["no tag", ""],
    ["a weak tag", 'W/"v1"'],
    ["a tag that is none", "v1"],
  ])("begins anew where the server gives %s", async (_what, etag) => {
    const { asked, file } = await download([whole("012", cut(), etag), whole()]);
    expect([asked, file]).toEqual([[undefined, undefined], FILE]);
  });

  test("that broke off after the last byte is whole", async () => {
    const nothingMore = answer(416, "", { "content-range": "bytes */10" });
    expect(await download([whole(FILE, cut()), nothingMore])).toMatchObject({ file: FILE, failure: undefined });
  });

  test("of a file that is shorter now begins anew", async () => {
    const shorter = answer(416, "", { etag: '"v2"', "content-range": "bytes */2" });
    const { asked, file } = await download([whole("012", cut()), shorter, whole("ab")]);
    expect([asked.at(-1), file]).toEqual([undefined, "ab"]);
  });

  test("that ends too early is not taken for whole", async () => {
    const { file, asked } = await download([whole("012", cut()), rest(3, "34"), rest(5)]);
    expect([file, asked.at(-1)]).toEqual([FILE, { start: 5, etag: ETAG }]);
  });

  test("is not put together of parts that do not fit", async () => {
    expect((await download([whole("012", cut()), rest(4)])).failure).toBeInstanceOf(UnexpectedAnswer);
  });

  test.each([408, 429, 500, 502, 503, 504])("goes on after status %i", async (status) => {
    const { file } = await download([whole("012", cut()), new HttpError(status, "", ""), rest(3)]);
    expect(file).toBe(FILE);
  });

  test.each([204, 401, 403, 404])("ends at status %i", async (status) => {
    const { failure, asked } = await download([whole("012", cut()), new HttpError(status, "", "")]);
    expect([(failure as HttpError).status, asked.length]).toEqual([status, 2]);
  });

  test("whose first request gets no answer is not repeated", async () => {
    const { failure, asked } = await download([cut()]);
    expect([asked.length, failure]).toEqual([1, expect.any(ConnectionFailure)]);
  });

  test("is given up after eight breaks without anything new, with longer and longer pauses", async () => {
    const { failure, asked, slept } = await download([whole("012", cut())]);
    expect([asked.length, failure]).toEqual([8, expect.any(ConnectionFailure)]);
    expect(slept).toEqual([1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000]);
  });

  test.each([
    [0, 750],
    [0.999, 1_249.5],
  ])("pauses as chance %p has it", async (chance, pause) => {
    const { slept } = await download([whole("012", cut()), rest(3)], () => chance);
    expect(slept).toEqual([pause]);
  });
});
