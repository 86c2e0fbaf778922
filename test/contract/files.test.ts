import { expect, test } from "bun:test";
import type { StoredFile } from "../../src/server/store/files.ts";
import { contract } from "./contract.ts";
import { at, atOnce, START } from "./samples.ts";

const CHUNK = 255 * 1024;

/** Bytes that tell where they stand, so that a swapped or lost chunk shows. */
const pattern = (length: number, seed = 0): Uint8Array =>
  Uint8Array.from({ length }, (_, index) => (index * 31 + (index >> 8) + seed) & 255);

async function* pieces(bytes: Uint8Array, size: number): AsyncGenerator<Uint8Array> {
  for (let start = 0; start < bytes.length; start += size) yield bytes.subarray(start, start + size);
}

const once = (text: string) => pieces(new TextEncoder().encode(text), 1 << 20);
const bytesOf = async (file: StoredFile | null) => (file ? new Response(file.content()).bytes() : null);
const textOf = async (file: StoredFile | null) => (file ? new Response(file.content()).text() : null);

contract("files", (subject) => {
  test.each([0, 1, CHUNK - 1, CHUNK, CHUNK + 1, 3 * CHUNK + 17])(
    "a file of %d bytes is read back as it was",
    async (length) => {
      const { files } = subject.store;
      const bytes = pattern(length);
      expect(await files.save("job", "artifact", pieces(bytes, 100_000), START)).toEqual({ length });
      const file = await files.open("job", "artifact");
      expect(file?.length).toBe(length);
      expect(Bun.hash((await bytesOf(file)) as Uint8Array)).toBe(Bun.hash(bytes));
    },
  );

  test("the sizes of the pieces in which it arrives do not matter", async () => {
    const { files } = subject.store;
    const bytes = pattern(2 * CHUNK + 5);
    for (const size of [7_001, CHUNK, CHUNK + 1, bytes.length]) {
      await files.save("job", "artifact", pieces(bytes, size), START);
      expect(Bun.hash((await bytesOf(await files.open("job", "artifact"))) as Uint8Array)).toBe(Bun.hash(bytes));
    }
  });

  test("it is read in chunks of at most 255 KiB", async () => {
    const { files } = subject.store;
    await files.save("job", "artifact", pieces(pattern(3 * CHUNK), 3 * CHUNK), START);
    let chunks = 0;
    for await (const chunk of (await files.open("job", "artifact"))!.content()) {
      expect(chunk.length).toBeLessThanOrEqual(CHUNK);
      chunks++;
    }
    expect(chunks).toBe(3);
  });

  test("a source may reuse its buffer", async () => {
    const { files } = subject.store;
    const buffer = new Uint8Array(4);
    async function* reusing() {
      for (const text of ["abcd", "efgh"]) {
        buffer.set(new TextEncoder().encode(text));
        yield buffer;
      }
    }
    await files.save("job", "artifact", reusing(), START);
    expect(await textOf(await files.open("job", "artifact"))).toBe("abcdefgh");
  });

  test("an unknown file is null", async () => {
    const { files } = subject.store;
    await files.save("job", "artifact", once("x"), START);
    expect(await files.open("job", "attachments")).toBeNull();
    expect(await files.open("unknown", "artifact")).toBeNull();
  });

  test("jobs and kinds are apart", async () => {
    const { files } = subject.store;
    await files.save("job", "artifact", once("artifact"), START);
    await files.save("job", "attachments", once("attachments"), START);
    await files.save("other", "artifact", once("other"), START);
    expect(await textOf(await files.open("job", "artifact"))).toBe("artifact");
    expect(await textOf(await files.open("job", "attachments"))).toBe("attachments");
    expect(await textOf(await files.open("other", "artifact"))).toBe("other");
  });

  test("readers see the previous version until the whole file is there", async () => {
    const { files } = subject.store;
    await files.save("job", "artifact", once("old"), START);
    const { promise: rest, resolve: finish } = Promise.withResolvers<void>();
    const { promise: begun, resolve: begin } = Promise.withResolvers<void>();
    async function* slow() {
      yield pattern(CHUNK);
      begin();
      await rest;
      yield pattern(1);
    }
    const saving = files.save("job", "artifact", slow(), at(1));
    await begun;
    expect(await textOf(await files.open("job", "artifact"))).toBe("old");
    finish();
    await saving;
    expect((await files.open("job", "artifact"))?.length).toBe(CHUNK + 1);
  });

  test("the first version is invisible until it is whole", async () => {
    const { files } = subject.store;
    const { promise: rest, resolve: finish } = Promise.withResolvers<void>();
    const { promise: begun, resolve: begin } = Promise.withResolvers<void>();
    async function* slow() {
      yield pattern(2 * CHUNK);
      begin();
      await rest;
    }
    const saving = files.save("job", "artifact", slow(), START);
    await begun;
    expect(await files.open("job", "artifact")).toBeNull();
    finish();
    await saving;
    expect(await files.open("job", "artifact")).not.toBeNull();
  });

  test("a source that fails leaves the previous version and throws on", async () => {
    const { files } = subject.store;
    const cut = new Error("cut off");
    async function* failing() {
      yield pattern(2 * CHUNK);
      throw cut;
    }
    await expect(files.save("job", "artifact", failing(), START)).rejects.toBe(cut);
    expect(await files.open("job", "artifact")).toBeNull();
    await files.save("job", "artifact", once("old"), START);
    await expect(files.save("job", "artifact", failing(), at(1))).rejects.toBe(cut);
    expect(await textOf(await files.open("job", "artifact"))).toBe("old");
  });

  test("the newest of several versions is read", async () => {
    const { files } = subject.store;
    for (const text of ["one", "two", "three"]) await files.save("job", "artifact", once(text), START);
    expect(await textOf(await files.open("job", "artifact"))).toBe("three");
  });

  test("files saved at once are not mixed", async () => {
    const { files } = subject.store;
    const contents = Array.from({ length: 8 }, (_, index) => pattern(CHUNK + 1000 * index, index));
    await atOnce(8, (index) => files.save(`job-${index}`, "artifact", pieces(contents[index]!, 50_000), START));
    await atOnce(8, (index) => files.save("shared", "artifact", pieces(contents[index]!, 50_000), START));
    for (const [index, content] of contents.entries()) {
      const bytes = await bytesOf(await files.open(`job-${index}`, "artifact"));
      expect(Bun.hash(bytes as Uint8Array)).toBe(Bun.hash(content));
    }
    const shared = Bun.hash((await bytesOf(await files.open("shared", "artifact"))) as Uint8Array);
    expect(contents.map((content) => Bun.hash(content))).toContain(shared);
  });

  test("a reader may stop in the middle", async () => {
    const { files } = subject.store;
    await files.save("job", "artifact", pieces(pattern(4 * CHUNK), CHUNK), START);
    const reader = (await files.open("job", "artifact"))!.content().getReader();
    await reader.read();
    await reader.cancel();
    expect((await files.open("job", "artifact"))?.length).toBe(4 * CHUNK);
  });

  test("two readers do not disturb each other", async () => {
    const { files } = subject.store;
    const bytes = pattern(2 * CHUNK + 9);
    await files.save("job", "artifact", pieces(bytes, CHUNK), START);
    const [one, two] = await Promise.all([
      bytesOf(await files.open("job", "artifact")),
      bytesOf(await files.open("job", "artifact")),
    ]);
    expect([one, two].map((read) => Bun.hash(read as Uint8Array))).toEqual([Bun.hash(bytes), Bun.hash(bytes)]);
  });

  test("removing takes all files of the job and no others", async () => {
    const { files } = subject.store;
    for (const kind of ["artifact", "attachments"] as const) await files.save("job", kind, once("x"), START);
    await files.save("other", "artifact", once("other"), START);
    await files.remove("job");
    await files.remove("unknown");
    expect(await files.open("job", "artifact")).toBeNull();
    expect(await files.open("job", "attachments")).toBeNull();
    expect(await textOf(await files.open("other", "artifact"))).toBe("other");
  });

  test("a reader of a file that is removed meanwhile gets an error, never a shortened file", async () => {
    const { files } = subject.store;
    await files.save("job", "artifact", pieces(pattern(20 * CHUNK), CHUNK), START);
    const file = (await files.open("job", "artifact"))!;
    await files.remove("job");
    const read = await bytesOf(file).catch((error: unknown) => error);
    if (!(read instanceof Error)) expect((read as Uint8Array).length).toBe(20 * CHUNK);
  });

  test("files are there after a restart", async () => {
    await subject.store.files.save("job", "artifact", once("content"), START);
    const { files } = await subject.reopen();
    expect(await textOf(await files.open("job", "artifact"))).toBe("content");
  });
});
