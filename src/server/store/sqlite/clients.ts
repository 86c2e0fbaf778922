import { comparableEmail } from "../../../shared/text/email.ts";
import type { Client, ClientChanges, ClientStore, Permissions } from "../clients.ts";
import { dateField, field, fromDate, jsonField } from "./columns.ts";
import { clientEstate } from "./client-estate.ts";
import type { Connection } from "./connection.ts";

interface ClientRow {
  id: string;
  secret_hash: string | null;
  role: string | null;
  max_priority: string | null;
  max_reservation_time: string | null;
  email: string | null;
  sub: string | null;
  issuer: string | null;
  name: string | null;
  created_at: number | null;
  last_login: number | null;
  was_let_in: number;
  /** JSON array. */
  allowed_agents: string | null;
  disabled: number;
  expected_email: string | null;
  /** JSON array. */
  allowed_queue_patterns: string | null;
  /** JSON array. */
  member_of: string | null;
  /** JSON array. */
  allowed_queues: string;
}

const COLUMNS = `id, secret_hash, role, max_priority, max_reservation_time, email, sub, issuer, name, created_at, last_login, was_let_in,
  allowed_agents, disabled, expected_email, allowed_queue_patterns, member_of,
  (SELECT json_group_array(queue ORDER BY allowed_queues.rowid) FROM allowed_queues WHERE client = id) AS allowed_queues`;

const toPermissions = (row: ClientRow): Permissions => ({
  ...field("role", row.role),
  ...jsonField<"max_priority", Record<string, number>>("max_priority", row.max_priority),
  ...jsonField<"max_reservation_time", Record<string, number>>("max_reservation_time", row.max_reservation_time),
  ...(row.was_let_in === 1 && { allowed_queues: JSON.parse(row.allowed_queues) as string[] }),
  ...jsonField<"allowed_queue_patterns", string[]>("allowed_queue_patterns", row.allowed_queue_patterns),
  ...field("email", row.email),
  ...jsonField<"allowed_agents", string[]>("allowed_agents", row.allowed_agents),
});

const toClient = (row: ClientRow): Client => ({
  id: row.id,
  ...field("secretHash", row.secret_hash),
  permissions: toPermissions(row),
  ...(row.sub !== null && { subject: { sub: row.sub, ...field("issuer", row.issuer) } }),
  ...field("name", row.name),
  ...jsonField<"groups", string[]>("groups", row.member_of),
  ...dateField("createdAt", row.created_at),
  ...dateField("lastLogin", row.last_login),
  ...(row.disabled === 1 && { disabled: true as const }),
  ...field("expectedEmail", row.expected_email),
});

const json = (value: Record<string, number> | undefined) => (value === undefined ? null : JSON.stringify(value));

/** An empty list is kept as none. */
const jsonList = (values: readonly string[] | null | undefined) => (values?.length ? JSON.stringify(values) : null);

/** Clients in SQLite. */
export function clientStore(connection: Connection): ClientStore {
  const find = connection.prepare<ClientRow>(`SELECT ${COLUMNS} FROM clients WHERE id = $id`);
  const list = connection.prepare<ClientRow>(`SELECT ${COLUMNS} FROM clients ORDER BY id`);
  const insert = connection.prepare(
    `INSERT INTO clients (id, secret_hash, role, max_priority, max_reservation_time, email, allowed_agents, allowed_queue_patterns, expected_email, created_at)
     VALUES ($id, $secretHash, $role, $max_priority, $max_reservation_time, $email, $allowedAgents, $patterns, $expectedEmail, $createdAt)
     ON CONFLICT DO NOTHING`,
  );
  const allow = connection.prepare("INSERT OR IGNORE INTO allowed_queues (client, queue) VALUES ($id, $queue)");
  const update = connection.prepare(
    `UPDATE clients SET
       secret_hash = coalesce($secretHash, secret_hash),
       role = coalesce($role, role),
       max_priority = coalesce($max_priority, max_priority),
       max_reservation_time = coalesce($max_reservation_time, max_reservation_time),
       email = coalesce($email, email),
       allowed_agents = iif($clearsAgents, NULL, coalesce($allowedAgents, allowed_agents)),
       allowed_queue_patterns = iif($clearsPatterns, NULL, coalesce($patterns, allowed_queue_patterns)),
       disabled = coalesce($disabled, disabled),
       expected_email = coalesce($expectedEmail, expected_email)
     WHERE id = $id`,
  );
  const replaceSecret = connection.prepare(
    "UPDATE clients SET secret_hash = $to WHERE id = $id AND secret_hash = $from AND disabled = 0",
  );
  const bySubject = connection.prepare<{ id: string }>(
    "SELECT id FROM clients WHERE sub = $sub AND issuer = $issuer AND sub IS NOT NULL",
  );
  const awaiting = connection.prepare<{ id: string }>("SELECT id FROM clients WHERE expected_email = $email");
  const addPerson = connection.prepare(
    `INSERT INTO clients (id, role, sub, issuer, name, member_of, created_at, last_login)
     VALUES ($id, coalesce($role, 'contributor'), $sub, $issuer, $name, $groups, $now, $now)`,
  );
  // An account that waited for the person has had a secret; a person has none.
  const noteLogin = connection.prepare(
    `UPDATE clients SET id = $id, sub = $sub, issuer = $issuer, name = $name, last_login = $now, role = coalesce($role, role),
       member_of = $groups, secret_hash = NULL, email = NULL, expected_email = NULL
     WHERE id = $known`,
  );
  const estate = clientEstate(connection);

  const fields = (changes: ClientChanges) => ({
    secretHash: changes.secretHash ?? null,
    role: changes.role ?? null,
    max_priority: json(changes.max_priority),
    max_reservation_time: json(changes.max_reservation_time),
    email: changes.email ?? null,
    allowedAgents: changes.allowed_agents ? JSON.stringify(changes.allowed_agents) : null,
    patterns: jsonList(changes.allowed_queue_patterns),
    expectedEmail: changes.expectedEmail ?? null,
  });

  return {
    find: (id) =>
      connection.read(() => {
        const row = find.get({ id });
        return row && toClient(row);
      }),
    list: () => connection.read(() => list.all().map(toClient)),

    create: ({ id, secretHash, permissions, createdAt, expectedEmail }) =>
      connection.write(() => {
        const { allowed_queues: queues = [], ...granted } = permissions;
        if (
          insert.run({ id, ...fields({ secretHash, ...granted, expectedEmail }), createdAt: fromDate(createdAt) }) === 0
        )
          return false;
        estate.clear(id);
        for (const queue of queues) allow.run({ id, queue });
        return true;
      }),

    update: (id, changes) =>
      connection.write(() => {
        const { allowed_agents, allowed_queue_patterns: patterns, disabled } = changes;
        const flags = {
          clearsAgents: allowed_agents === null ? 1 : 0,
          clearsPatterns: patterns?.length === 0 ? 1 : 0,
          disabled: disabled === undefined ? null : Number(disabled),
        };
        return update.run({ id, ...fields(changes), ...flags }) > 0;
      }),

    replaceSecret: (id, from, to) => connection.write(() => replaceSecret.run({ id, from, to }) > 0),

    delete: (id) => connection.write(() => estate.remove(id)),

    recordLogin: ({ issuer, sub, email: id, name, emailVerified, role = null, groups }, now) =>
      connection.write(() => {
        const expected = () => (emailVerified ? awaiting.get({ email: comparableEmail(id) })?.id : undefined);
        const known = bySubject.get({ sub, issuer })?.id ?? expected();
        if (known !== id) {
          if (find.get({ id }) !== null) return "conflict";
          estate.clear(id);
        }
        const person = { id, sub, issuer, name, role, groups: jsonList(groups), now: fromDate(now) };
        if (known === undefined) {
          addPerson.run(person);
        } else {
          noteLogin.run({ ...person, known });
          if (known !== id) estate.move(known, id);
        }
        return toClient(find.get({ id })!);
      }),
  };
}
