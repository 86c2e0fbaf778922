import type { ByteRange } from "../store/files.ts";

/** Of what a range is asked. */
export interface Representation {
  /** Bytes. */
  readonly length: number;
  /** A strong entity tag, with its quotes. */
  readonly etag: string;
}

/**
 * The bytes that a GET asks for (RFC 9110 sections 13.1.5 and 14.2); null: all of them. Several ranges, and what is no range at all, may be ignored, and
 * are. So is a range of another version than the one that is here.
 */
export function requestedRange(
  { method, headers }: Pick<Request, "method" | "headers">,
  { length, etag }: Representation,
): ByteRange | "unsatisfiable" | null {
  const header = method === "GET" ? headers.get("range") : null;
  const [, first = "", last = ""] = /^bytes=[ \t]*(\d*)-(\d*)[ \t]*$/i.exec(header ?? "") ?? [];
  if (first === "" && last === "") return null;
  // A weak tag, and a date, which files do not have here, never match.
  if ((headers.get("if-range")?.trim() ?? etag) !== etag) return null;
  if (first === "") return suffix(Number(last), length);
  if (last !== "" && Number(last) < Number(first)) return null;
  if (Number(first) >= length) return "unsatisfiable";
  return { start: Number(first), end: last === "" ? length : Math.min(Number(last) + 1, length) };
}

function suffix(bytes: number, length: number): ByteRange | "unsatisfiable" | null {
  if (bytes === 0) return "unsatisfiable";
  // No Content-Range can tell of nothing.
  return length === 0 ? null : { start: Math.max(0, length - bytes), end: length };
}
