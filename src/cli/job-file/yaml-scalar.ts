import { Float, type Json, numberOf } from "../format/json-value.ts";
import { type Tag, tagOf } from "../format/yaml-tags.ts";

/** A scalar that cannot be sent; the message says why, and what to write instead. */
export class UnusableScalar extends Error {
  override readonly name = "UnusableScalar";
}

/**
 * The value of an unquoted scalar by the rules of YAML 1.1 as PyYAML applies them (command-line section 7.1): `no` is false,
 * `010` is 8, `1:30` is 90, `1e3` is a text.
 *
 * @throws {UnusableScalar} for dates, infinities and "not a number", which JSON cannot express
 */
export const plainScalar = (text: string): Json => scalarOfTag(text, tagOf(text));

/**
 * The value of a scalar with an explicit tag such as `!!int`.
 *
 * @throws {UnusableScalar} when the text is no such value, or the tag is none that a job may use
 */
export function taggedScalar(text: string, tagName: string): Json {
  const tag = /^tag:yaml\.org,2002:(str|bool|int|float|null)$/.exec(tagName)?.[1] as Tag | undefined;
  if (tag === "str") return text;
  if (tag === undefined) throw new UnusableScalar(`the tag ${tagName} is not allowed in a job`);
  const actual = tagOf(text);
  if (tag === "float" && actual === "int") return numberOf(Number(plainScalar(text)), true);
  if (actual !== tag) throw new UnusableScalar(`${JSON.stringify(text)} is not a value of the tag !!${tag}`);
  return scalarOfTag(text, tag);
}

function scalarOfTag(text: string, tag: Tag): Json {
  switch (tag) {
    case "null":
      return null;
    case "bool":
      return /^(?:yes|true|on)$/i.test(text);
    case "int":
      return integer(text.replaceAll("_", ""));
    case "float":
      return float(text.replaceAll("_", ""), text);
    case "timestamp":
      throw new UnusableScalar(`${text} would be read as a date, which cannot be sent: put it in quotes`);
    default:
      return text;
  }
}

function integer(text: string): number | bigint {
  const [, sign, digits] = /^([-+]?)(.*)$/.exec(text)!;
  const value = magnitude(digits!);
  const signed = sign === "-" ? -value : value;
  const small = Number(signed);
  return Number.isSafeInteger(small) ? small : signed;
}

function magnitude(digits: string): bigint {
  if (/^0[bx]./.test(digits)) return BigInt(digits);
  if (/^0[bx]$/.test(digits)) throw new UnusableScalar(`${digits} has no digits: put it in quotes`);
  if (digits.includes(":")) {
    return digits.split(":").reduce((sum, part) => sum * 60n + BigInt(part), 0n);
  }
  return BigInt(/^0./.test(digits) ? `0o${digits}` : digits);
}

function float(text: string, written: string): number | Float {
  if (/[a-df-z]/i.test(text)) {
    throw new UnusableScalar(`${written} is a number that cannot be sent: put it in quotes`);
  }
  const [, sign, digits] = /^([-+]?)(.*)$/.exec(text)!;
  const value = digits!.split(":").reduce((sum, part) => sum * 60 + Number(part), 0);
  return numberOf(sign === "-" ? -value : value, true);
}
