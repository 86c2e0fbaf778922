import { SETTINGS, type Setting } from "./settings.ts";

const ADMIN = `  testflinger-server admin create-client NAME   create a client (agents, people, CI) that logs in with a password
  testflinger-server admin list-clients         list clients and their permissions
  testflinger-server admin set-permissions NAME change what a client may do
  testflinger-server admin delete-client NAME   remove a client`;

/** The text of `testflinger-server --help`, made from the settings so that it is complete. */
export function serverHelp(): string {
  const rows = Object.entries<Setting<unknown>>(SETTINGS).map(([name, { help, shown }]) => ({
    name,
    help: shown === "" ? help : `${help} (default ${shown})`,
  }));
  const width = Math.max(...rows.map(({ name }) => name.length));
  return `testflinger-server - hands test jobs to the agents beside your devices

Usage:
  testflinger-server                            start the server
  testflinger-server healthcheck                exit 0 if the server on HOST and PORT is ready
${ADMIN}
  testflinger-server --help | --version

Everything is set by environment variables; without any the server listens on 127.0.0.1:5000
and keeps its data in an embedded database.

${rows.map(({ name, help }) => `  ${name.padEnd(width)}  ${help}`).join("\n")}

HTTP_PROXY, HTTPS_PROXY and NO_PROXY hold for the identity provider, webhooks and Vault.
`;
}
