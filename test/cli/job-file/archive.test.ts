import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type ParsedTarEntryWithData, unpackTar } from "modern-tar";
import { packArchive } from "../../../src/cli/job-file/archive.ts";

let folder: string;
let archive: string;
let warnings: string[];
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "archive-"));
  archive = join(folder, "out.tar.gz");
  warnings = [];
  mkdirSync(join(folder, "tree"));
});
afterEach(() => rmSync(folder, { recursive: true }));

const at = (name: string) => join(folder, name);
const pack = (...attachments: { source: string; member: string }[]) =>
  packArchive(attachments, archive, (message) => void warnings.push(message));

async function members(): Promise<ParsedTarEntryWithData[]> {
  return unpackTar(Bun.gunzipSync(new Uint8Array(readFileSync(archive))));
}
const summary = async () =>
  (await members()).map(({ header: { name, type, linkname }, data }) =>
    [type, name, linkname || (data && new TextDecoder().decode(data))].filter((part) => part !== undefined).join(" "),
  );

describe("packArchive", () => {
  test("makes an empty archive of nothing", async () => {
    await pack();
    expect(await members()).toEqual([]);
  });

  test("keeps content, mode, time and owner of a file", async () => {
    writeFileSync(at("run.sh"), "#!/bin/sh\n");
    chmodSync(at("run.sh"), 0o751);
    utimesSync(at("run.sh"), 1_700_000_000, 1_700_000_000);
    await pack({ source: at("run.sh"), member: "test/run.sh" });
    const [{ header, data }] = (await members()) as [ParsedTarEntryWithData];
    expect(new TextDecoder().decode(data)).toBe("#!/bin/sh\n");
    expect(header).toMatchObject({
      name: "test/run.sh",
      type: "file",
      mode: 0o751,
      mtime: new Date(1_700_000_000_000),
      uid: process.getuid!(),
      gid: process.getgid!(),
    });
  });

  test("adds a folder with all that is in it, in the order of code points", async () => {
    mkdirSync(at("tree/empty"));
    mkdirSync(at("tree/b"));
    for (const name of ["a.txt", "B.txt", "b/x", "é", "\ue000", "\u{1f600}"]) writeFileSync(at(`tree/${name}`), "");
    await pack({ source: at("tree"), member: "test/tree" });
    expect((await members()).map(({ header: { name } }) => name)).toEqual([
      "test/tree/",
      "test/tree/B.txt",
      "test/tree/a.txt",
      "test/tree/b/",
      "test/tree/b/x",
      "test/tree/empty/",
      "test/tree/é",
      "test/tree/\ue000",
      "test/tree/\u{1f600}",
    ]);
  });

  test.each(["x".repeat(100), `${"x".repeat(120)}/${"y".repeat(120)}`, "é".repeat(90), "a b"])(
    "keeps the name %s",
    async (name) => {
      writeFileSync(at("f"), "F");
      await pack({ source: at("f"), member: `test/${name}` });
      expect(await summary()).toEqual([`file test/${name} F`]);
    },
  );

  test("stores links inside a folder as links, and warns of those that lead out of it (W26)", async () => {
    writeFileSync(at("tree/real"), "R");
    symlinkSync("real", at("tree/inside"));
    symlinkSync("../../test/x", at("tree/up"));
    symlinkSync("/etc/passwd", at("tree/absolute"));
    symlinkSync("../../../secret", at("tree/outside"));
    await pack({ source: at("tree"), member: "test/tree" });
    expect(await summary()).toEqual([
      "directory test/tree/",
      "symlink test/tree/absolute /etc/passwd",
      "symlink test/tree/inside real",
      "symlink test/tree/outside ../../../secret",
      "file test/tree/real R",
      "symlink test/tree/up ../../test/x",
    ]);
    expect(warnings).toEqual([
      `${at("tree/absolute")} is a link to /etc/passwd, outside the folder of its phase; agents may refuse it`,
      `${at("tree/outside")} is a link to ../../../secret, outside the folder of its phase; agents may refuse it`,
    ]);
  });

  test("leaves out what is neither file nor folder", async () => {
    using server = Bun.listen({ unix: at("tree/socket"), socket: { data() {} } });
    await pack({ source: at("tree"), member: "test/tree" });
    expect(server).toBeDefined();
    expect(await summary()).toEqual(["directory test/tree/"]);
    expect(warnings).toEqual([`${at("tree/socket")} is neither a file nor a folder, and is left out`]);
  });

  test("gives the same bytes for the same files (W24)", async () => {
    writeFileSync(at("tree/f"), "F");
    await pack({ source: at("tree"), member: "test/tree" });
    const first = readFileSync(archive);
    await pack({ source: at("tree"), member: "test/tree" });
    expect(readFileSync(archive).equals(first)).toBe(true);
  });

  test("packs more than fits the packer's buffer", async () => {
    writeFileSync(at("big"), "");
    truncateSync(at("big"), 40_000_000);
    await pack({ source: at("big"), member: "test/big" });
    const [{ data }] = (await members()) as [ParsedTarEntryWithData];
    expect(data!.length).toBe(40_000_000);
  });

  test("says which file is gone", async () => {
    const refusal = await pack({ source: at("gone"), member: "test/gone" }).catch((error: Error) => error.message);
    expect(refusal).toMatch(/^Cannot pack the attachments: ENOENT.*gone/);
  });

  test("says that the archive cannot be written", async () => {
    archive = at("missing/out.tar.gz");
    writeFileSync(at("f"), "F");
    const refusal = await pack({ source: at("f"), member: "test/f" }).catch((error: Error) => error.message);
    expect(refusal).toMatch(/^Cannot pack the attachments: ENOENT.*out\.tar\.gz/);
  });
});
