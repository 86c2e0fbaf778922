import { defineCommand } from "../../grammar/command.ts";
import { chosenFormat, type OutputChoice, outputOptions, printData } from "../../output/data.ts";
import { dateText, wallClock } from "../../output/server-date.ts";
import { textTable } from "../../output/table.ts";
import type { Session } from "../../session.ts";
import { loginsOf } from "./own-sessions.ts";

export default defineCommand({
  meta: { name: "list", description: "List the logins that have not ended" },
  details: "Logins of command lines, programs and browsers. The login of this machine is marked as current.",
  args: {
    of: { type: "string", valueHint: "CLIENT", description: "whose; your own by default, others for admins only" },
    ...outputOptions,
  },
  exclusive: [["json", "output"]],
  fields: {
    id: "id of the login, for `sessions end`",
    client_id: "who is logged in",
    kind: "browser, cli (a command line), secret (a client id and its secret), agent (a token file) or unknown",
    issued_at: "when the login began, ISO 8601",
    last_accessed: "when it was used last",
    address: "where it was used last from",
    expires_at: "when it ends by itself; null for never",
    current: "is it the login that this command has used?",
  },
  examples: ["testflinger sessions list", "testflinger sessions list --of former-colleague@example.com"],
  run,
});

export type SessionsListOptions = OutputChoice & { readonly of: string | undefined };

export async function run({ of, ...choice }: SessionsListOptions, session: Session): Promise<void> {
  const { stdout } = session.context.io;
  const value = await loginsOf(of, session);
  const table = () =>
    value.length === 0
      ? "No logins.\n"
      : textTable(
          ["ID", "CLIENT ID", "KIND", "FROM", "SINCE", "LAST USED", "UNTIL", ""],
          value.map(({ id, client_id, kind, address, issued_at, last_accessed, expires_at, current }) => [
            id,
            client_id,
            ...[kind, address].map(shownText),
            ...[issued_at, last_accessed, expires_at].map(shownTime),
            current === true ? "current" : "",
          ]),
          stdout,
        );
  await printData(chosenFormat(choice) ?? "table", { value, layout: { indent: 2 }, table }, stdout);
}

/** Servers of an earlier version do not tell. */
const shownText = (value: unknown): string => (typeof value === "string" && value !== "" ? value : "-");

function shownTime(value: unknown): string {
  const text = dateText(value);
  return wallClock(text)?.time ?? (text || "-");
}
