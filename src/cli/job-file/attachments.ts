import { realpath, stat } from "node:fs/promises";
import { basename, dirname, isAbsolute, join, posix, relative, resolve, sep } from "node:path";
import type { Context } from "../context.ts";
import { CliError } from "../errors.ts";
import { snapPrivateError } from "../files/snap.ts";
import type { Json, JsonObject } from "../format/json-value.ts";
import { ATTACHMENT_SECTIONS, type AttachmentSection } from "./check.ts";

/** A file or folder that goes into the archive. */
export interface Attachment {
  /** Real path of what is packed. */
  readonly source: string;
  /** Its name in the archive: the phase, then where the agent puts it. */
  readonly member: string;
}

export interface PackingPlan {
  /** The job as it is submitted: entries name the destination, not the local file. */
  readonly job: JsonObject;
  readonly attachments: readonly Attachment[];
}

/**
 * What has to be packed for a job (command-line section 7.4); undefined when it has no attachments at all. An empty list
 * still needs an archive: the server holds such a job until one arrives.
 *
 * @param folder where relative paths begin; it must exist
 * @throws {CliError} naming the entry that is wrong or missing
 */
export async function planAttachments(
  job: JsonObject,
  folder: string,
  env: Context["env"],
): Promise<PackingPlan | undefined> {
  const sections = (Object.keys(ATTACHMENT_SECTIONS) as AttachmentSection[]).filter((name) =>
    (job.get(name) as JsonObject | undefined)?.has("attachments"),
  );
  if (sections.length === 0) return undefined;
  const reference = await referenceFolder(folder);
  const rewritten = new Map(job);
  const attachments: Attachment[] = [];
  for (const name of sections) {
    const section = job.get(name) as JsonObject;
    const entries: Json[] = [];
    for (const entry of entriesOf(section, name)) {
      const file = await fileOf(entry, reference, env);
      if (file) attachments.push({ source: file.source, member: memberName(name, file.destination) });
      entries.push(file ? delivered(entry.map, file.destination) : entry.map);
    }
    rewritten.set(name, new Map(section).set("attachments", entries));
  }
  return { job: rewritten, attachments };
}

/** An entry of an `attachments` list, and its name for messages. */
interface Entry {
  readonly map: JsonObject;
  readonly place: string;
}

function entriesOf(section: JsonObject, name: AttachmentSection): Entry[] {
  const list = section.get("attachments");
  if (!Array.isArray(list)) throw new CliError(`Error: ${name}.attachments must be a list`);
  return list.map((map, index) => {
    const place = `${name}.attachments[${index}]`;
    if (map instanceof Map) return { map, place };
    throw new CliError(`Error: ${place} must hold keys such as "local: ${typeof map === "string" ? map : "file"}"`);
  });
}

/** The folder as it was named and as it really is: a path may be written relative to either. */
interface Reference {
  readonly named: string;
  readonly real: string;
}

async function referenceFolder(folder: string): Promise<Reference> {
  try {
    return { named: folder, real: await realpath(folder) };
  } catch (error) {
    throw new CliError(`The folder of the attachments does not exist: ${folder}`, 1, { cause: error });
  }
}

interface LocatedFile {
  readonly source: string;
  readonly destination: string;
}

/** Undefined for an entry that names no local file: the agent has it. */
async function fileOf(
  { map, place }: Entry,
  reference: Reference,
  env: Context["env"],
): Promise<LocatedFile | undefined> {
  const local = textOf(map, "local", place);
  if (!local) return undefined;
  const path = resolve(reference.real, local);
  const source = await sourceOf(path, local, place, env);
  const agent = textOf(map, "agent", place);
  const destination = agent === undefined ? await defaultDestination(path, reference) : normalised(agent);
  // An agent that unpacks `../x` would write outside the folder of the phase (W26).
  if (/^\.\.(?:\/|$)/.test(posix.normalize(destination))) {
    throw new CliError(`Error: ${place}: the destination ${destination} lies outside the folder of its phase`);
  }
  if (destination === "." && !(await stat(source)).isDirectory()) {
    throw new CliError(`Error: ${place}: "agent" must name a file`);
  }
  return { source, destination };
}

function textOf(map: JsonObject, key: string, place: string): string | undefined {
  const value = map.get(key);
  if (typeof value === "string" || value === undefined) return value;
  if (key === "local" && (value === null || value === false)) return undefined;
  throw new CliError(`Error: ${place}: "${key}" must be a text`);
}

async function sourceOf(path: string, local: string, place: string, env: Context["env"]): Promise<string> {
  try {
    return await realpath(path);
  } catch (error) {
    const reason = snapPrivateError(path, env);
    throw reason ?? new CliError(`Error: ${place}: cannot find ${local} (looked for ${path})`, 1, { cause: error });
  }
}

/** Where a file goes that has no `agent`: its path as it was written, below the reference folder (W25). */
async function defaultDestination(path: string, { named, real }: Reference): Promise<string> {
  const inRealFolder = join(await realpath(dirname(path)), basename(path));
  const candidates = [relative(real, path), relative(named, path), relative(real, inRealFolder)];
  const inside = candidates.find((candidate) => !isAbsolute(candidate) && candidate.split(sep)[0] !== "..");
  return normalised((inside ?? basename(path)).replaceAll(sep, "/"));
}

/** A path as Python's `pathlib` spells it, without the leading `/`: no empty and no `.` segments, but `..` stays. */
function normalised(path: string): string {
  const segments = path.split("/").filter((segment) => segment !== "" && segment !== ".");
  return segments.join("/") || ".";
}

function memberName(section: AttachmentSection, destination: string): string {
  const phase = ATTACHMENT_SECTIONS[section];
  return destination === "." ? phase : `${phase}/${destination}`;
}

function delivered(entry: JsonObject, destination: string): JsonObject {
  const result = new Map(entry);
  result.delete("local");
  return result.set("agent", destination);
}
