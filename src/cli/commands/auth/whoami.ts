import { printableLine } from "../../api/printable.ts";
import type { Caller } from "../../auth/caller.ts";
import { CliError } from "../../errors.ts";
import { defineCommand, type Options } from "../../grammar/command.ts";
import { chosenFormat, outputOptions, printData } from "../../output/data.ts";
import type { Session } from "../../session.ts";

const args = outputOptions;

export default defineCommand({
  meta: { name: "whoami", description: "Show who is logged in" },
  args,
  exclusive: [["json", "output"]],
  fields: {
    client_id: "who is logged in, null for nobody",
    role: "role of that client",
    server: "URL of the server",
    method: "credentials, login (stored), or none",
    token_expires_at: "end of the access token, ISO 8601; it is renewed by itself",
  },
  examples: ["testflinger whoami", "testflinger whoami --json | jq -r .role"],
  run,
});

/** @throws {CliError} when nobody is logged in */
export async function run(choice: Options<typeof args>, { api, context, program }: Session): Promise<void> {
  const { stdout } = context.io;
  const { method } = api.auth;
  const caller = await api.auth.identify();
  const now = context.clock.now();
  const value = report(caller, api.server.base, method);
  const table = () => (caller ? description(caller, api.server.base, METHODS[method], now) : "");
  await printData(chosenFormat(choice) ?? "table", { value, layout: { indent: 2 }, table }, stdout);
  if (!caller) throw new CliError(`Not logged in to ${api.server.base}. Run: ${program} login`);
}

const METHODS = {
  credentials: "client id and secret key",
  login: "stored login",
  none: "nothing",
} as const;

function report(caller: Caller | undefined, server: string, method: keyof typeof METHODS) {
  return {
    client_id: caller?.clientId ?? null,
    role: caller?.role ?? null,
    server,
    method: caller ? method : "none",
    token_expires_at: caller?.expiresAt?.toISOString() ?? null,
  };
}

function description({ clientId, role, expiresAt }: Caller, server: string, method: string, now: Date): string {
  const rows: [string, string][] = [
    ["Client id", printableLine(clientId ?? "none")],
    ["Role", printableLine(role ?? "unknown")],
    ["Server", server],
    ["Authenticated by", method],
    ["Access token", expiresAt ? `valid for ${duration(expiresAt.getTime() - now.getTime())}` : "of unknown lifetime"],
  ];
  return rows.map(([label, value]) => `${`${label}:`.padEnd(18)}${value}\n`).join("");
}

function duration(ms: number): string {
  const seconds = Math.max(0, Math.round(ms / 1000));
  if (seconds < 120) return `${seconds} seconds`;
  return `${Math.floor(seconds / 60)} minutes`;
}
