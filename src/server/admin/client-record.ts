import { isGroupId } from "../permissions/groups.ts";
import type { Client } from "../store/clients.ts";

/** A client as commands show it; the secret's hash stays in the database. */
export function recordOf({
  id,
  permissions,
  subject,
  name,
  lastLogin,
  secretHash,
  expectedEmail,
  disabled,
  groups,
}: Client) {
  const isPerson = subject !== undefined || (secretHash === undefined && expectedEmail !== undefined);
  return {
    client_id: id,
    kind: isGroupId(id) ? ("group" as const) : isPerson ? ("person" as const) : ("password" as const),
    role: permissions.role ?? "contributor",
    max_priority: permissions.max_priority,
    max_reservation_time: permissions.max_reservation_time,
    allowed_queues: permissions.allowed_queues,
    allowed_queue_patterns: permissions.allowed_queue_patterns,
    allowed_agents: permissions.allowed_agents,
    email: permissions.email,
    name: name || undefined,
    groups,
    last_login: lastLogin?.toISOString(),
    expected_email: expectedEmail,
    disabled,
  };
}

export type ClientRecord = ReturnType<typeof recordOf>;

export const jsonText = (value: unknown): string => `${JSON.stringify(value, null, 2)}\n`;

/** Names come from people and the provider: what a terminal would obey is taken out. */
export const printable = (text: string): string => text.replace(/\p{C}/gu, "\uFFFD");

const limits = (map: Record<string, number> | undefined, unit = ""): string =>
  Object.entries(map ?? {})
    .map(([queue, value]) => `${queue}=${value}${unit}`)
    .join(" ") || "-";

const COLUMNS: readonly [heading: string, cell: (record: ClientRecord) => string][] = [
  ["CLIENT", (record) => record.client_id],
  ["KIND", (record) => record.kind],
  ["ROLE", (record) => (record.disabled ? `${record.role} (disabled)` : record.role)],
  ["PRIORITY", (record) => limits(record.max_priority)],
  ["RESERVATION", (record) => limits(record.max_reservation_time, "s")],
  ["QUEUES", (record) => [...(record.allowed_queues ?? []), ...(record.allowed_queue_patterns ?? [])].join(" ") || "-"],
  ["AGENTS", (record) => record.allowed_agents?.join(" ") ?? "-"],
];

/** Lines of a table, one client each. */
export function table(records: readonly ClientRecord[]): string {
  const rows = [
    COLUMNS.map(([heading]) => heading),
    ...records.map((record) => COLUMNS.map(([, cell]) => printable(cell(record)))),
  ];
  const widths = COLUMNS.map((_, column) => Math.max(...rows.map((row) => Bun.stringWidth(row[column] ?? ""))));
  const pad = (cell: string, column: number) => cell + " ".repeat((widths[column] ?? 0) - Bun.stringWidth(cell));
  return rows.map((row) => `${row.map(pad).join("  ").trimEnd()}\n`).join("");
}
