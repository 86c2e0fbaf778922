import { isGroupId, unfitForGroup } from "../permissions/groups.ts";
import { roleOf } from "../permissions/role-of.ts";
import type { Client, ClientChanges } from "../store/clients.ts";
import { LoginSessions } from "../sessions/login-sessions.ts";
import { hashSecret, secretMatches } from "../tokens/client-secret.ts";
import { jsonText, recordOf } from "./client-record.ts";
import { type Operator, Refusal, UsageError } from "./operator.ts";
import { clientName, permissionOptions, permissionsFrom, readWords } from "./options.ts";
import { letIn, shutOut } from "./queue-owners.ts";
import { type NewSecret, newSecret, secretOptions } from "./secret.ts";

const options = {
  ...permissionOptions,
  ...secretOptions,
  "ask-secret": { type: "boolean" },
  "remove-allowed-queue": { type: "string", multiple: true },
  "clear-max-priority": { type: "boolean" },
  "clear-max-reservation-time": { type: "boolean" },
  "clear-allowed-queue-patterns": { type: "boolean" },
  "clear-allowed-agents": { type: "boolean" },
  disable: { type: "boolean" },
  enable: { type: "boolean" },
  json: { type: "boolean" },
} as const;

/** `set-permissions NAME`: changes what is given and nothing else. */
export async function setPermissions(args: readonly string[], operator: Operator): Promise<void> {
  const { values, positionals } = readWords(args, options);
  const id = clientName(positionals);
  const { clients } = operator.store;
  if (Object.keys(values).every((option) => option === "json")) throw new UsageError("nothing to change was given");
  const permissions = { ...cleared(values), ...permissionsFrom(values) };
  if (values.disable && values.enable) throw new UsageError("--disable and --enable exclude each other");
  const disabled = values.disable ? true : values.enable ? false : undefined;
  const changesSecret = Boolean(values.generate || values["secret-stdin"] || values["ask-secret"]);
  if (isGroupId(id)) {
    if (unfitForGroup({ ...permissions, disabled, secret: changesSecret || undefined }).length)
      throw new Refusal("a group has only priorities, reservation times and queues of its members");
    await clients.create({ id, permissions: {}, createdAt: operator.now() });
  }
  const client = await clients.find(id);
  if (!client) throw unknown(id);
  if (client.subject && (changesSecret || permissions.email !== undefined))
    throw new Refusal(
      `'${id}' is a person who logs in at the identity provider: it can have neither secret nor email here`,
    );
  const secret = changesSecret ? await newSecret(values, operator) : undefined;
  const changes: ClientChanges = {
    ...permissions,
    disabled,
    ...(secret && { secretHash: await hashSecret(secret.value) }),
  };
  const isNew = secret !== undefined && !(await secretMatches(secret.value, client.secretHash));
  if (!(await clients.update(id, changes))) throw unknown(id);
  await letIn(id, values["allowed-queue"] ?? [], operator);
  await shutOut(id, values["remove-allowed-queue"] ?? [], operator);
  reportRole(client, changes, operator);
  const ended = isNew ? await endLogins(id, operator) : 0;
  await report(id, { secret, ended }, operator, values.json);
}

function reportRole(client: Client, { role }: ClientChanges, { events, name }: Operator): void {
  const from = roleOf(client);
  if (role === undefined || role === from) return;
  const description = `Operator ${name} changed the role of client ${client.id} from ${from} to ${role}`;
  events.emit("WARNING", "privilege_permissions_changed", [client.id, from, role], description);
}

/** What was begun with the former secret: who had that may be the reason for the new one (ASVS 5.0 control 7.4.3). */
async function endLogins(id: string, operator: Operator): Promise<number> {
  const { events, name } = operator;
  events.emit("INFO", "authn_password_change", [id], `Operator ${name} changed the secret of client ${id}`);
  return (await new LoginSessions(operator).endAll(id, `Operator ${name}`)).length;
}

interface Outcome {
  readonly secret: NewSecret | undefined;
  /** Logins that were begun with the former secret. */
  readonly ended: number;
}

async function report(id: string, { secret, ended }: Outcome, operator: Operator, asJson = false): Promise<void> {
  const client = await operator.store.clients.find(id);
  if (!client) throw unknown(id);
  const record = recordOf(client);
  const { events, name, terminal } = operator;
  const details = [name, id, `role=${record.role}`, "max_priority", "max_reservation_time", "allowed_queues"];
  events.emit("WARNING", "user_updated", details, `Operator ${name} updated permissions for client ${id}`);
  if (asJson)
    return terminal.print(jsonText({ ...record, ...(secret?.generated ? { client_secret: secret.value } : {}) }));
  terminal.print(`Changed client '${id}'.\n`);
  if (ended > 0) terminal.print(`Ended ${ended} logins that were begun with the former secret.\n`);
  if (secret?.generated) terminal.print(`Its new secret, shown only this once: ${secret.value}\n`);
}

interface ClearWords {
  "clear-max-priority"?: boolean;
  "clear-max-reservation-time"?: boolean;
  "clear-allowed-queue-patterns"?: boolean;
  "clear-allowed-agents"?: boolean;
}

const cleared = (values: ClearWords): ClientChanges => ({
  ...(values["clear-max-priority"] ? { max_priority: {} } : {}),
  ...(values["clear-max-reservation-time"] ? { max_reservation_time: {} } : {}),
  ...(values["clear-allowed-queue-patterns"] ? { allowed_queue_patterns: [] } : {}),
  ...(values["clear-allowed-agents"] ? { allowed_agents: null } : {}),
});

const unknown = (id: string) => new Refusal(`there is no client '${id}'`);
