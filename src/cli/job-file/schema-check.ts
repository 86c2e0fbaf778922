import { JobSubmission } from "../../shared/job/definition.ts";
import { isPlainObject } from "../../shared/plain-object.ts";
import { decode } from "../../shared/validation/decode.ts";
import type { Messages } from "../../shared/validation/refused.ts";
import type { Schema } from "../../shared/validation/scalars.ts";
import { printableLine } from "../api/printable.ts";
import { CliError } from "../errors.ts";
import { type JsonObject, plain } from "../format/json-value.ts";
import { nearestName } from "../grammar/nearest-name.ts";
import { remedyFor } from "./remedies.ts";

/**
 * Checks a job against the schema that servers of this version check it against (W21).
 *
 * @param job as it is sent, attachments packed
 * @throws {CliError} naming every field at fault and what to do about it
 */
export function checkSchema(job: JsonObject): void {
  const problems = problemsOf({ schema: JobSubmission as Schema, value: plain(job), place: "" });
  if (problems.length === 0) return;
  const lines = problems.map((problem) => `\n  ${printableLine(problem)}`);
  throw new CliError(`Error: the server would refuse this job:${lines.join("")}`);
}

/** A part of the job: what it should be, what it is, and where. */
interface Part {
  readonly schema: Schema;
  readonly value: unknown;
  /** For example `test_data.attachments[0]`; empty for the whole job. */
  readonly place: string;
}

function problemsOf(part: Part): string[] {
  const decoded = decode(part.schema, part.value);
  return decoded.ok ? [] : explain(decoded.messages, part);
}

function explain(messages: Messages, part: Part): string[] {
  const { schema, value, place } = part;
  if (isPlainObject(messages)) {
    return Object.entries(messages).flatMap(([name, inner]) =>
      name === "_schema" ? explain(inner, part) : explainField(name, inner, part),
    );
  }
  const isForm = schema.anyOf !== undefined && schema.format !== "duration";
  if (isForm) return [`${place} ${isPlainObject(value) ? nearestForm(schema.anyOf!, value) : NO_FIELDS}`];
  return [messages].flat().map((message) => `${place} ${remedyFor(message, schema, value)}`);
}

function explainField(name: string, messages: Messages, { schema, value, place }: Part): string[] {
  const inner = (value as Readonly<Record<string, unknown>>)[name];
  if (schema.items) return explain(messages, { schema: schema.items, value: inner, place: `${place}[${name}]` });
  const at = place === "" ? name : `${place}.${name}`;
  if (schema.properties) {
    const known = Object.hasOwn(schema.properties, name) ? schema.properties[name] : undefined;
    return known
      ? explain(messages, { schema: known, value: inner, place: at })
      : [`${at} ${unknownField(name, schema)}`];
  }
  // Faults of a mapping's entry come under `key` and `value`.
  const { key = [], value: ofValue = [] } = messages as Readonly<Record<string, Messages>>;
  const values = schema.additionalProperties as Schema;
  return [
    ...explain(key, { schema: schema.propertyNames ?? schema, value: name, place: `${at}: the name` }),
    ...explain(ofValue, { schema: values, value: inner, place: at }),
  ];
}

const NO_FIELDS = "must hold keys and values";

function unknownField(name: string, { properties = {} }: Schema): string {
  const names = Object.keys(properties);
  const meant = nearestName(name, names);
  return meant ? `is unknown: did you mean ${meant}?` : `is unknown: known are ${names.join(", ")}`;
}

/** What is wrong with an object that fits none of several forms, seen from the one that it is nearest to. */
function nearestForm(forms: readonly Schema[], value: Readonly<Record<string, unknown>>): string {
  const [nearest] = forms
    .map((schema) => ({
      schema,
      problems: problemsOf({ schema, value, place: "" }),
      strange: strangers(schema, value),
    }))
    .sort((a, b) => a.strange - b.strange || a.problems.length - b.problems.length);
  const { schema, problems } = nearest!;
  return `fits no known way to provision; for ${schema.title}: ${problems.map((problem) => problem.trim()).join("; ")}`;
}

/** How many fields of an object a form does not know. */
const strangers = ({ properties = {} }: Schema, value: object): number =>
  Object.keys(value).filter((name) => !Object.hasOwn(properties, name)).length;
