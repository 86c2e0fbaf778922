/** What the codes of the file system mean to a person. */
const MEANINGS: Readonly<Record<string, string>> = {
  EACCES: "you may not do that",
  EDQUOT: "your share of the disk is used up",
  EEXIST: "a part of its path is no folder",
  EISDIR: "it is a folder",
  ENAMETOOLONG: "its name is too long",
  ENOENT: "no such file or folder",
  ENOSPC: "no space is left on the disk",
  ENOTDIR: "a part of its path is no folder",
  EPERM: "you may not do that",
  EROFS: "the disk cannot be written to",
};

/** Why a file could not be read or written; the system's own messages name calls and paths that nobody gave. */
export function fileReason(error: unknown): string {
  const code = error instanceof Error && "code" in error && typeof error.code === "string" ? error.code : undefined;
  const meaning = code === undefined ? undefined : MEANINGS[code];
  if (meaning) return `${meaning} (${code})`;
  return error instanceof Error ? error.message : String(error);
}
