import { createWriteStream, type Stats } from "node:fs";
import { lstat, readdir, readlink } from "node:fs/promises";
import { join, posix } from "node:path";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { createGzip } from "node:zlib";
import { createTarPacker, type TarHeader } from "modern-tar";
import { CliError } from "../errors.ts";
import { byCodePoint } from "../format/code-points.ts";
import type { Attachment } from "./attachments.ts";

/** The fastest level at which images that are compressed already, as most are, do not grow; level 1 adds 5 %. */
const COMPRESSION_LEVEL = 2;

/**
 * Packs attachments into a gzipped POSIX tar (command-line section 7.5), a piece at a time: images of many gigabytes must
 * not be held in memory. Modes, times and numeric owners are kept; symbolic links inside folders stay links.
 *
 * The gzip header names neither file nor time, so that equal files give equal archives (W24).
 *
 * @param warn hears of members that an agent may refuse, and of those that are left out
 * @throws {CliError} naming the file that could not be packed
 */
export async function packArchive(
  attachments: readonly Attachment[],
  archive: string,
  warn: (message: string) => void,
): Promise<void> {
  const { readable, controller } = createTarPacker();
  const writing = pipeline(
    Readable.fromWeb(readable as never),
    createGzip({ level: COMPRESSION_LEVEL, chunkSize: 256 * 1024 }),
    createWriteStream(archive, { mode: 0o600 }),
  );
  // Its failure is reported below, when there is nothing more to add.
  writing.catch(() => undefined);
  try {
    for (const { source, member } of attachments) {
      for await (const entry of entriesOf(source, member, warn)) {
        const body = controller.add(entry.header);
        if (entry.file === undefined) await body.close();
        else await Bun.file(entry.file).stream().pipeTo(body);
      }
    }
    controller.finalize();
  } catch (error) {
    controller.error(error);
  }
  try {
    await writing;
  } catch (error) {
    throw new CliError(`Cannot pack the attachments: ${(error as Error).message}`, 1, { cause: error });
  }
}

interface ArchiveEntry {
  readonly header: TarHeader;
  /** Path of the content; undefined for entries without any. */
  readonly file?: string;
}

/** A file, or a folder and everything in it, names in the order of their code points. */
async function* entriesOf(
  source: string,
  member: string,
  warn: (message: string) => void,
): AsyncGenerator<ArchiveEntry> {
  const stats = await lstat(source);
  if (stats.isSymbolicLink()) {
    const target = await readlink(source);
    if (leavesPhase(member, target)) {
      warn(`${source} is a link to ${target}, outside the folder of its phase; agents may refuse it`);
    }
    yield { header: headerOf(member, stats, { type: "symlink", linkname: target }) };
  } else if (stats.isDirectory()) {
    yield { header: headerOf(`${member}/`, stats, { type: "directory" }) };
    for (const name of (await readdir(source)).sort(byCodePoint)) {
      yield* entriesOf(join(source, name), `${member}/${name}`, warn);
    }
  } else if (stats.isFile()) {
    yield { header: headerOf(member, stats, { type: "file", size: stats.size }), file: source };
  } else {
    warn(`${source} is neither a file nor a folder, and is left out`);
  }
}

function headerOf(
  name: string,
  { mode, mtime, uid, gid }: Stats,
  kind: Pick<TarHeader, "type" | "linkname"> & { size?: number },
): TarHeader {
  return {
    name,
    mode: mode & 0o7777,
    mtime,
    uid,
    gid,
    size: 0,
    ...kind,
    pax: nonAscii({ path: name, linkpath: kind.linkname }),
  };
}

/** The texts that only the extended header of a POSIX tar can hold. */
function nonAscii(fields: Readonly<Record<string, string | undefined>>): Record<string, string> {
  const entries = Object.entries(fields).filter((field): field is [string, string] => /[^ -~]/.test(field[1] ?? ""));
  return Object.fromEntries(entries);
}

function leavesPhase(member: string, target: string): boolean {
  const [phase] = member.split("/");
  const resolved = posix.join(posix.dirname(member), target);
  return target.startsWith("/") || !(resolved === phase || resolved.startsWith(`${phase}/`));
}
