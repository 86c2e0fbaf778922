import { CliError } from "../errors.ts";

/**
 * Template for request paths: every inserted value becomes exactly one percent-encoded segment, so that a job id such
 * as `../agents/data/x` cannot name another resource (W38); an array becomes one segment per item.
 *
 * @throws {CliError} for `.` and `..`, which no encoding protects from being resolved away (WHATWG URL, section 4.4)
 */
export function path(strings: TemplateStringsArray, ...values: (string | readonly string[])[]): string {
  return String.raw({ raw: strings }, ...values.map((value) => [value].flat().map(segment).join("/")));
}

function segment(text: string): string {
  if (text === "." || text === "..") throw new CliError(`'${text}' cannot be used as a name or an id`);
  // Sub-delims, ":" and "@" are allowed in a segment (RFC 3986 section 3.3); e-mail addresses are client ids.
  return encodeURIComponent(text.toWellFormed()).replace(/%(?:40|3A|24|26|2B|2C|3B|3D)/g, decodeURIComponent);
}

type Parameter = readonly [name: string, value: string | number | undefined];

/** `?` and the query parameters in order, or nothing when there are none; those that are `undefined` are left out. */
export function query(parameters: readonly Parameter[]): string {
  const given = parameters.filter(([, value]) => value !== undefined).map(([name, value]) => [name, String(value)]);
  return given.length === 0 ? "" : `?${new URLSearchParams(given)}`;
}
