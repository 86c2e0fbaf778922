import { jsonText } from "./client-record.ts";
import { type Operator, Refusal, UsageError } from "./operator.ts";
import { clientName, readWords } from "./options.ts";

/** `delete-client NAME`: asks first. */
export async function deleteClient(
  args: readonly string[],
  { store, terminal, events, name }: Operator,
): Promise<void> {
  const { values, positionals } = readWords(args, { yes: { type: "boolean" }, json: { type: "boolean" } });
  const id = clientName(positionals);
  if (!(await store.clients.find(id))) throw new Refusal(`there is no client '${id}'`);
  if (!values.yes) {
    if (!terminal.interactive) throw new UsageError("there is no terminal to ask: add --yes");
    const answer = await terminal.ask(`Delete client '${id}', its logins and its ownership of queues? [y/N] `);
    if (!/^y(es)?$/i.test(answer?.trim() ?? "")) throw new Refusal("nothing was deleted");
  }
  if (!(await store.clients.delete(id))) throw new Refusal(`there is no client '${id}'`);
  events.emit("INFO", "user_deleted", [name, id], `Operator ${name} deleted client ${id}`);
  terminal.print(values.json ? jsonText({ client_id: id, deleted: true }) : `Deleted client '${id}'.\n`);
}
