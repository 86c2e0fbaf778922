import { hashSecret } from "../tokens/client-secret.ts";
import { jsonText, printable, recordOf } from "./client-record.ts";
import { type Operator, Refusal } from "./operator.ts";
import { newClientName, permissionOptions, permissionsFrom, readWords } from "./options.ts";
import { letIn } from "./queue-owners.ts";
import { newSecret, secretOptions } from "./secret.ts";

/** `create-client NAME`: a client that logs in with a secret. */
export async function createClient(args: readonly string[], operator: Operator): Promise<void> {
  const { values, positionals } = readWords(args, {
    ...permissionOptions,
    ...secretOptions,
    json: { type: "boolean" },
  });
  const id = newClientName(positionals);
  const permissions = { ...permissionsFrom(values) };
  const role = permissions.role ?? "contributor";
  const queues = values["allowed-queue"] ?? [];
  const { clients } = operator.store;
  const taken = () => new Refusal(`client '${printable(id)}' exists already; change it with set-permissions`);
  if (await clients.find(id)) throw taken();
  const secret = await newSecret(values, operator);
  const secretHash = await hashSecret(secret.value);
  if (!(await clients.create({ id, secretHash, permissions: { ...permissions, role }, createdAt: operator.now() })))
    throw taken();
  operator.events.emit(
    "WARNING",
    "user_created",
    [operator.name, id, `role=${role}`, "max_priority", "max_reservation_time", "allowed_queues"],
    `Operator ${operator.name} created new client ${id}`,
  );
  await letIn(id, queues, operator);
  const created = { ...permissions, role, ...(queues.length ? { allowed_queues: queues } : {}) };
  if (values.json)
    operator.terminal.print(
      jsonText({
        ...recordOf({ id, permissions: created }),
        ...(secret.generated ? { client_secret: secret.value } : {}),
      }),
    );
  else {
    operator.terminal.print(`Created client '${id}' with role ${role}.\n`);
    if (secret.generated) operator.terminal.print(`Its secret, shown only this once: ${secret.value}\n`);
  }
}
