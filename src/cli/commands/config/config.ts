import { readConfigFile, setInConfigFile, unsetInConfigFile } from "../../config/config-file.ts";
import { checkSetting, SETTINGS } from "../../config/settings.ts";
import type { Output } from "../../context.ts";
import { CliError, UsageError } from "../../errors.ts";
import { defineCommand } from "../../grammar/command.ts";
import { nearestName } from "../../grammar/nearest-name.ts";
import { chosenFormat, type OutputChoice, outputOptions, printData } from "../../output/data.ts";
import type { Session } from "../../session.ts";

export default defineCommand({
  meta: { name: "config", description: "Show or change the configuration" },
  details: `Settings: ${SETTINGS.join(", ")}. What they mean: \`help environment\`.`,
  args: {
    unset: { type: "boolean", description: "remove the setting from the configuration file" },
    ...outputOptions,
    setting: {
      type: "positional",
      required: false,
      valueHint: "KEY[=VALUE]",
      description: "setting to show, or to change; all are shown by default",
    },
  },
  exclusive: [["json", "output", "unset"]],
  fields: { SETTING: "value of the setting with this name; null when it is not set" },
  examples: [
    "testflinger config",
    "testflinger config server=https://testflinger.example.com",
    "testflinger config --unset server",
  ],
  needsServer: false,
  run,
});

interface ConfigOptions extends OutputChoice {
  readonly setting: string | undefined;
  readonly unset: boolean;
}

export async function run(
  { setting, unset, ...choice }: ConfigOptions,
  { configFile, context }: Session,
): Promise<void> {
  const { stdout } = context.io;
  if (unset) return remove(setting, configFile);
  const values = setting?.includes("=") ? undefined : readConfigFile(configFile);
  if (!values) return change(setting!, configFile, context.io.stderr);
  const format = chosenFormat(choice) ?? "table";
  if (setting) {
    const key = setting.toLowerCase();
    const value = new Map([[key, values.get(key) ?? null]]);
    return printData(format, { value, layout: {}, table: () => line(key, values.get(key) ?? "None") }, stdout);
  }
  const shown = new Map([...values].map(([key, value]) => [key, stdout.isTTY ? masked(key, value) : value]));
  await printData(format, { value: shown, layout: { indent: 2 }, table: () => listing(shown) }, stdout);
}

const line = (key: string, value: string): string => `${key} = ${value}\n`;

function listing(values: ReadonlyMap<string, string>): string {
  const lines = [...values].map(([key, value]) => line(key, value));
  return `Current Configuration\n---------------------\n${lines.join("")}\n`;
}

async function change(setting: string, configFile: string, stderr: Output): Promise<void> {
  // Only the first one: values such as keys contain it too (W36).
  const at = setting.indexOf("=");
  const key = setting.slice(0, at).trim().toLowerCase();
  const value = setting.slice(at + 1).trim();
  checkSetting(key, value);
  await setInConfigFile(configFile, key, value);
  // Any key may be stored (command-line section 10.4): it may be one of the reference, or of a later version.
  const meant = SETTINGS.includes(key) ? undefined : nearestName(key, SETTINGS);
  if (meant) stderr.write(`Stored, but this program knows no setting ${key}: did you mean ${meant}?\n`);
}

async function remove(setting: string | undefined, configFile: string): Promise<void> {
  if (!setting) throw new UsageError("the following arguments are required: KEY[=VALUE]", ["config"]);
  if (!(await unsetInConfigFile(configFile, setting))) throw new CliError(`${setting} is not set in ${configFile}`);
}

/** A listing may be read over one's shoulder or end up in a bug report; asking for the key itself shows it. */
const masked = (key: string, value: string) => (key === "secret_key" && value !== "" ? "********" : value);
