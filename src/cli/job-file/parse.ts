import { JsonSyntaxError, parse } from "../format/json-parser.ts";
import type { Json, JsonObject } from "../format/json-value.ts";
import { CliError } from "../errors.ts";
import { JobSyntaxError } from "./problem.ts";
import { parseYaml } from "./yaml-job.ts";

/**
 * Reads the text of a job: JSON when it is JSON, else YAML 1.1 (command-line section 7.1).
 *
 * @param name of the file, for messages
 * @throws {CliError} in one line, naming file, line and column (W20)
 */
export function parseJob(text: string, name: string): JsonObject {
  let value: Json;
  try {
    value = readJson(text, name) ?? parseYaml(text);
  } catch (error) {
    throw explained(error, name);
  }
  if (value instanceof Map) return value;
  if (value === null) throw new CliError(`${name}: the job is empty`);
  const kind = Array.isArray(value) ? "a list" : "a single value";
  throw new CliError(`${name}: a job consists of keys and values such as "job_queue: my-queue", but this is ${kind}`);
}

/** Undefined when the text can only be YAML. */
function readJson(text: string, name: string): Json | undefined {
  if (!/^\s*\{/.test(text)) return undefined;
  try {
    return parse(text);
  } catch (error) {
    // YAML has mappings in braces too; of a file that says what it is, JSON's own error is the helpful one.
    if (name.endsWith(".json")) throw error;
    return undefined;
  }
}

function explained(error: unknown, name: string): unknown {
  if (error instanceof JsonSyntaxError || error instanceof JobSyntaxError) {
    return new CliError(`${name}:${error.line}:${error.column}: ${error.reason}`);
  }
  // The YAML library reads nested collections recursively.
  if (error instanceof RangeError) return new CliError(`${name}: the job is nested too deeply`);
  return error;
}
