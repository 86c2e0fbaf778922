import { jsonText, recordOf, table } from "./client-record.ts";
import { type Operator, UsageError } from "./operator.ts";
import { readWords } from "./options.ts";

/** `list-clients`: all clients by name. */
export async function listClients(args: readonly string[], { store, terminal }: Operator): Promise<void> {
  const { values, positionals } = readWords(args, { json: { type: "boolean" } });
  if (positionals.length) throw new UsageError(`unexpected word '${positionals[0]}'`);
  const records = (await store.clients.list()).map(recordOf);
  if (values.json) terminal.print(jsonText(records));
  else terminal.print(records.length ? table(records) : "There are no clients yet.\n");
}
