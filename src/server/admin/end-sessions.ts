import { LoginSessions } from "../sessions/login-sessions.ts";
import { jsonText, printable } from "./client-record.ts";
import { type Operator, Refusal } from "./operator.ts";
import { clientName, readWords } from "./options.ts";

/** `end-sessions NAME`: logs a client out everywhere. */
export async function endSessions(args: readonly string[], operator: Operator): Promise<void> {
  const { values, positionals } = readWords(args, { json: { type: "boolean" } });
  const id = clientName(positionals);
  const { store, terminal, name } = operator;
  const ended = await new LoginSessions(operator).endAll(id, `Operator ${name}`);
  if (!ended.length && !(await store.clients.find(id))) throw new Refusal(`there is no client '${printable(id)}'`);
  const browsers = ended.filter(({ kind }) => kind === "browser").length;
  const counts = { logins: ended.length - browsers, browser_sessions: browsers };
  terminal.print(
    values.json
      ? jsonText({ client_id: id, ...counts })
      : `Ended ${counts.logins} logins and ${counts.browser_sessions} browser sessions of '${printable(id)}'. Access tokens that are out work for ten minutes at most.\n`,
  );
}
