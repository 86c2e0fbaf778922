import { jsonText, printable } from "./client-record.ts";
import { type Operator, Refusal } from "./operator.ts";
import { clientName, readWords } from "./options.ts";

/** `end-sessions NAME`: logs a client out everywhere. */
export async function endSessions(args: readonly string[], operator: Operator): Promise<void> {
  const { values, positionals } = readWords(args, { json: { type: "boolean" } });
  const id = clientName(positionals);
  const { store, terminal, events, name, now } = operator;
  const [tokens, sessions] = await Promise.all([
    store.refreshTokens.ofClient(id, now()),
    store.browserSessions.ofClient(id, now()),
  ]);
  if (!tokens.length && !sessions.length && !(await store.clients.find(id)))
    throw new Refusal(`there is no client '${printable(id)}'`);
  for (const token of tokens) {
    if (!(await store.refreshTokens.revoke(token.id))) continue;
    events.emit(
      "INFO",
      "authn_token_revoked",
      [id, token.id],
      `Operator ${name} ended login ${token.id} of client ${id}`,
    );
  }
  for (const session of sessions) {
    if (!(await store.browserSessions.end(session.id))) continue;
    events.emit(
      "INFO",
      "session_expired",
      [id, "ended by the operator"],
      `Operator ${name} signed ${id} out of a browser`,
    );
  }
  const counts = { logins: tokens.length, browser_sessions: sessions.length };
  terminal.print(
    values.json
      ? jsonText({ client_id: id, ...counts })
      : `Ended ${counts.logins} logins and ${counts.browser_sessions} browser sessions of '${printable(id)}'. Access tokens that are out work for ten minutes at most.\n`,
  );
}
