import { COMMAND_LIST } from "./admin/help.ts";
import { SETTINGS, type Setting } from "./settings.ts";

/** Columns of a terminal that nobody has made narrow. */
const WIDTH = 100;

/** The text of `testflinger-server --help`, made from the settings so that it is complete. */
export function serverHelp(): string {
  const rows = Object.entries<Setting<unknown>>(SETTINGS).map(([name, { help, shown }]) => ({
    name,
    help: shown === "" ? help : `${help} (default ${shown})`,
  }));
  const width = Math.max(...rows.map(({ name }) => name.length));
  const indent = " ".repeat(width + 4);
  const wrapped = (text: string) => Bun.wrapAnsi(text, WIDTH - indent.length).replaceAll("\n", `\n${indent}`);
  return `testflinger-server - hands test jobs to the agents beside your devices

Usage:
  testflinger-server                 start the server
  testflinger-server healthcheck     exit 0 if the server on HOST and PORT is ready
  testflinger-server admin COMMAND   administer clients and secrets; see below
  testflinger-server --help | --version

Commands of testflinger-server admin, which tell more with --help:
${COMMAND_LIST}

Everything is set by environment variables; without any the server listens on 127.0.0.1:5000
and keeps its data in an embedded database.

${rows.map(({ name, help }) => `  ${name.padEnd(width)}  ${wrapped(help)}`).join("\n")}

HTTP_PROXY, HTTPS_PROXY and NO_PROXY hold for the identity provider, webhooks and Vault.
`;
}
