import { stringify } from "../format/python-json.ts";
import { CliError } from "../errors.ts";

/**
 * A request body (cli section 4.1). Takes plain data and the lossless JSON of job files.
 *
 * @throws {CliError} for numbers that JSON cannot express
 */
export function jsonBody(value: unknown): string {
  requireFinite(value);
  return stringify(value);
}

function requireFinite(value: unknown): void {
  if (typeof value === "number" && !Number.isFinite(value)) {
    throw new CliError(`${value} cannot be sent to the server: JSON has no infinite or undefined numbers`);
  }
  if (value instanceof Map) value.forEach(requireFinite);
  else if (typeof value === "object" && value !== null) Object.values(value).forEach(requireFinite);
}
