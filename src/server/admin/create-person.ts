import { comparableEmail, isEmail } from "../../shared/text/email.ts";
import { jsonText, recordOf } from "./client-record.ts";
import { assertNobodyWaits } from "./link.ts";
import { type Operator, Refusal, UsageError } from "./operator.ts";
import { newClientName, permissionOptions, permissionsFrom, readWords } from "./options.ts";
import { letIn } from "./queue-owners.ts";

/** `create-person ADDRESS`: an account for a person who has not logged in yet. */
export async function createPerson(args: readonly string[], operator: Operator): Promise<void> {
  const { values, positionals } = readWords(args, { ...permissionOptions, json: { type: "boolean" } });
  const id = newClientName(positionals);
  if (!isEmail(id)) throw new UsageError(`'${id}' is not an email address`);
  if (values.email !== undefined) throw new UsageError("--email is for clients with a secret");
  const { clients } = operator.store;
  await assertNobodyWaits(id, operator);
  const permissions = { ...permissionsFrom(values) };
  const role = permissions.role ?? "contributor";
  const queues = values["allowed-queue"] ?? [];
  const account = {
    id,
    permissions: { ...permissions, role },
    createdAt: operator.now(),
    expectedEmail: comparableEmail(id),
  };
  if (!(await clients.create(account))) throw new Refusal(`client '${id}' exists already`);
  operator.events.emit(
    "WARNING",
    "user_created",
    [operator.name, id, `role=${role}`, "max_priority", "max_reservation_time", "allowed_queues"],
    `Operator ${operator.name} created an account for ${id}, who has not logged in yet`,
  );
  await letIn(id, queues, operator);
  const shown = { ...permissions, role, ...(queues.length ? { allowed_queues: queues } : {}) };
  operator.terminal.print(
    values.json
      ? jsonText(recordOf({ ...account, permissions: shown }))
      : `Created an account with role ${role} for ${id}. It becomes theirs when they log in with this address, verified by the provider.\n`,
  );
}
