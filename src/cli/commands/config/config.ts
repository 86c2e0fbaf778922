import { readConfigFile, setInConfigFile, unsetInConfigFile } from "../../config/config-file.ts";
import { checkSetting } from "../../config/settings.ts";
import { CliError, UsageError } from "../../errors.ts";
import { defineCommand } from "../../grammar/command.ts";
import type { Session } from "../../session.ts";

export default defineCommand({
  meta: { name: "config", description: "Show or change the configuration" },
  details:
    "Settings: server, client_id, secret_key, error_threshold, attachments_retry_wait, attachments_timeout, " +
    "attachments_tries.",
  args: {
    unset: { type: "boolean", description: "remove the setting from the configuration file" },
    setting: {
      type: "positional",
      required: false,
      valueHint: "KEY[=VALUE]",
      description: "setting to show, or to change; all are shown by default",
    },
  },
  examples: [
    "testflinger config",
    "testflinger config server=https://testflinger.example.com",
    "testflinger config --unset server",
  ],
  needsServer: false,
  run,
});

interface ConfigOptions {
  readonly setting: string | undefined;
  readonly unset: boolean;
}

export async function run({ setting, unset }: ConfigOptions, { configFile, context }: Session): Promise<void> {
  const { stdout } = context.io;
  if (unset) return remove(setting, configFile);
  const values = setting?.includes("=") ? undefined : readConfigFile(configFile);
  if (!values) return change(setting!, configFile);
  if (setting) {
    const key = setting.toLowerCase();
    return stdout.write(`${key} = ${values.get(key) ?? "None"}\n`);
  }
  const lines = [...values].map(([key, value]) => `${key} = ${stdout.isTTY ? masked(key, value) : value}\n`);
  stdout.write(`Current Configuration\n---------------------\n${lines.join("")}\n`);
}

async function change(setting: string, configFile: string): Promise<void> {
  // Only the first one: values such as keys contain it too (W36).
  const at = setting.indexOf("=");
  const key = setting.slice(0, at).trim().toLowerCase();
  const value = setting.slice(at + 1).trim();
  checkSetting(key, value);
  await setInConfigFile(configFile, key, value);
}

async function remove(setting: string | undefined, configFile: string): Promise<void> {
  if (!setting) throw new UsageError("the following arguments are required: KEY[=VALUE]", ["config"]);
  if (!(await unsetInConfigFile(configFile, setting))) throw new CliError(`${setting} is not set in ${configFile}`);
}

/** A listing may be read over one's shoulder or end up in a bug report; asking for the key itself shows it. */
const masked = (key: string, value: string) => (key === "secret_key" && value !== "" ? "********" : value);
