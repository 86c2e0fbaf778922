import type { Output } from "../context.ts";
import { type Layout, parse, stringify } from "../format/python-json.ts";

/** How a command prints its data: for people, or for programs. */
export const OUTPUT_FORMATS = ["table", "json", "yaml"] as const;
export type OutputFormat = (typeof OUTPUT_FORMATS)[number];

/** The options of every command that prints data; of the two at most one may be given. */
export const outputOptions = {
  json: { type: "boolean", description: "print JSON; the same as --output json" },
  output: {
    type: "enum",
    options: OUTPUT_FORMATS,
    valueHint: "FORMAT",
    description: "table for people, json or yaml for programs",
  },
} as const;

export interface OutputChoice {
  readonly json: boolean;
  readonly output: OutputFormat | undefined;
}

/** The form that was asked for, if any. */
export const chosenFormat = ({ json, output }: OutputChoice): OutputFormat | undefined => (json ? "json" : output);

export interface Data {
  /** Lossless JSON or plain data. */
  readonly value: unknown;
  /** Of the JSON. */
  readonly layout: Layout;
  /** The form for people, with its last line end. */
  readonly table: () => string;
}

/** Prints data in one of the forms. */
export async function printData(format: OutputFormat, { value, layout, table }: Data, stdout: Output): Promise<void> {
  switch (format) {
    case "table":
      return stdout.write(table());
    case "json":
      return stdout.write(`${stringify(value, layout)}\n`);
    case "yaml": {
      const { dumpYaml } = await import("../format/yaml.ts");
      // Plain data becomes lossless JSON by way of its text.
      stdout.write(dumpYaml(parse(stringify(value))));
    }
  }
}
