import { parse } from "../format/json-parser.ts";
import { type Json, type JsonObject, plain } from "../format/json-value.ts";
import { HttpError, UnexpectedAnswer, VpnError } from "./errors.ts";
import { printable, printableLine } from "./printable.ts";
import { pythonLiteral } from "./python-literal.ts";

/** A JSON answer, both without loss, for output that must not change a digit, and as ordinary data. */
export interface JsonDocument<T> {
  readonly json: Json;
  readonly value: T;
}

/** Says whether a value has the shape that an endpoint promises. */
export type Shape<T> = (value: unknown) => value is T;

/** The error that a status other than 200 with this body stands for (cli section 4.2). */
export function errorOf(status: number, body: string): HttpError | VpnError {
  const value = losslessly(body);
  if (value === undefined && status === 403) return new VpnError();
  if (!(value instanceof Map)) return new HttpError(status, printable(body), body);
  const message = textOf(value.get("message") ?? body);
  return new HttpError(status, printable(status === 422 ? message + fieldErrors(value) : message), body);
}

function fieldErrors(answer: JsonObject): string {
  const detail = answer.get("detail");
  const fields = detail instanceof Map ? detail.get("json") : undefined;
  if (!(fields instanceof Map) || fields.size === 0) return "";
  return ` - ${[...fields].map(([name, value]) => `${name}: ${textOf(value)}`).join(", ")}`;
}

const textOf = (value: Json) => (typeof value === "string" ? value : pythonLiteral(value));

/**
 * Reads a 200 answer that must be JSON of a certain shape.
 *
 * @param source names the request for the error message
 * @throws {UnexpectedAnswer} with the beginning of what came instead, such as the page of a proxy (W5)
 */
export function jsonValue<T>(text: string, source: string, shape: Shape<T>): T {
  const value = quickly(text) ?? plain(losslessly(text) ?? null);
  return checked(value, text, source, shape);
}

/** Like `jsonValue`, keeping what ordinary data would lose. */
export function jsonDocument<T>(text: string, source: string, shape: Shape<T>): JsonDocument<T> {
  const json = losslessly(text) ?? null;
  return { json, value: checked(plain(json), text, source, shape) };
}

function checked<T>(value: unknown, text: string, source: string, shape: Shape<T>): T {
  if (shape(value)) return value;
  const beginning = printableLine(text.slice(0, 400)).slice(0, 80) || "nothing";
  throw new UnexpectedAnswer(`Unexpected answer to ${source}: ${beginning}`);
}

function quickly(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function losslessly(text: string): Json | undefined {
  try {
    return parse(text);
  } catch {
    return undefined;
  }
}
