import { readdirSync, statSync } from "node:fs";
import { homedir } from "node:os";
import { basename, dirname, join, resolve } from "node:path";
import type { Completion } from "../grammar/command.ts";

/** Files and folders whose names begin with `prefix`; folders end in `/`. */
export function filesFrom(prefix: string, kind: Completion, cwd: string): string[] {
  const typedFolder = prefix.endsWith("/")
    ? prefix
    : dirname(prefix) === "."
      ? ""
      : `${dirname(prefix)}/`.replace("//", "/");
  const start = prefix.endsWith("/") ? "" : basename(prefix);
  const folder = resolve(cwd, typedFolder.replace(/^~(?=\/)/, homedir()));
  return namesIn(folder)
    .filter((name) => name.startsWith(start) && (start.startsWith(".") || !name.startsWith(".")))
    .flatMap((name) => {
      if (isFolder(join(folder, name))) return [`${typedFolder}${name}/`];
      return isWanted(name, kind) ? [typedFolder + name] : [];
    })
    .sort();
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

function isFolder(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false;
}

function isWanted(name: string, kind: Completion): boolean {
  if (kind === "directory") return false;
  return kind !== "job-file" || /\.(yaml|yml|json)$/.test(name);
}
