import { comparableEmail, isEmail } from "../../shared/text/email.ts";
import { isGroupId } from "../permissions/groups.ts";
import { SYSTEM_ADMIN } from "../permissions/system-admin.ts";
import { jsonText, printable } from "./client-record.ts";
import { type Operator, Refusal, UsageError } from "./operator.ts";
import { readWords } from "./options.ts";

/** `link NAME ADDRESS`: hands an account with a secret over to a person, at their next login. */
export async function link(args: readonly string[], operator: Operator): Promise<void> {
  const { values, positionals } = readWords(args, { json: { type: "boolean" } });
  const [id, email, ...more] = positionals;
  if (id === undefined || email === undefined || more.length)
    throw new UsageError("a client and the email address of a person are expected");
  if (!isEmail(email)) throw new UsageError(`'${email}' is not an email address`);
  const { clients } = operator.store;
  const client = await clients.find(id);
  if (!client) throw new Refusal(`there is no client '${printable(id)}'`);
  if (id === SYSTEM_ADMIN) throw new Refusal(`'${id}' is nobody's: it lets the operator in when the provider does not`);
  if (isGroupId(id)) throw new Refusal(`'${printable(id)}' is a group: its members log in themselves`);
  if (client.subject) throw new Refusal(`'${id}' belongs to a person already`);
  await assertNobodyWaits(email, operator, id);
  await assertAddressIsFree(email, id, operator);
  if (!(await clients.update(id, { expectedEmail: comparableEmail(email) })))
    throw new Refusal(`there is no client '${printable(id)}'`);
  const { events, name, terminal } = operator;
  events.emit(
    "WARNING",
    "authz_change",
    [name, id, email],
    `Operator ${name} linked client ${id} to the person ${email}`,
  );
  terminal.print(
    values.json
      ? jsonText({ client_id: id, expected_email: comparableEmail(email) })
      : `'${id}' becomes the account of ${email} when they log in with this address, verified by the provider. ` +
          "It then takes the address as its name and loses its secret; role, permissions, secrets and jobs stay.\n",
  );
}

/** Of two accounts that wait for one person only one would ever be theirs. */
export async function assertNobodyWaits(email: string, { store }: Operator, except?: string): Promise<void> {
  const clients = await store.clients.list();
  const other = clients.find(({ id, expectedEmail }) => expectedEmail === comparableEmail(email) && id !== except);
  if (other) throw new Refusal(`'${printable(other.id)}' already waits for ${email}`);
}

async function assertAddressIsFree(email: string, id: string, { store }: Operator): Promise<void> {
  const holder = email === id ? null : await store.clients.find(email);
  if (!holder) return;
  throw new Refusal(
    holder.subject
      ? `${email} has logged in and has an account already: delete it first, with its secrets and permissions, if '${id}' is to take its place`
      : `'${email}' is the name of another client: delete that one first`,
  );
}
