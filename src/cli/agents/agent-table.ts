import type { Agent } from "../api/agents.ts";
import { pythonLiteral } from "../api/python-literal.ts";
import { printableLine } from "../output/device-text.ts";

/** Fields that can be columns, with their titles and the agent's own names for them. */
export const COLUMNS = {
  name: { title: "NAME", key: "name" },
  status: { title: "STATUS", key: "state" },
  location: { title: "LOCATION", key: "location" },
  provision_type: { title: "PROVISION TYPE", key: "provision_type" },
  comment: { title: "COMMENT", key: "comment" },
  job_id: { title: "JOB ID", key: "job_id" },
  queues: { title: "QUEUES", key: "queues" },
} as const;
export type Column = keyof typeof COLUMNS;

/** How a table is laid out: as scripts have known it for years, or as a person reads it best (W32). */
export interface Layout {
  readonly forPerson: boolean;
  readonly bold: boolean;
}

interface Cell {
  readonly text: string;
  readonly width: number;
}

/** A table of agents, one line each, header first. */
export function agentTable(agents: readonly Agent[], columns: readonly Column[], layout: Layout): string {
  const table = columns.map((column) => {
    const { title, key } = COLUMNS[column];
    const cells = agents.map((agent) => cellOf(agent[key], layout));
    return { title, cells, width: Math.max(title.length, ...cells.map((cell) => cell.width)) };
  });
  const header = table.map(({ title, width }) => heading(title.padEnd(width), layout)).join("  ");
  const rows = agents.map((_, row) => table.map(({ cells, width }) => pad(cells[row]!.text, width, layout)).join("  "));
  return [header, ...rows].map((line) => `${layout.forPerson ? line.trimEnd() : line}\n`).join("");
}

export const heading = (text: string, { bold }: Pick<Layout, "bold">) => (bold ? `\u001b[1m${text}\u001b[0m` : text);

function cellOf(value: unknown, { forPerson }: Layout): Cell {
  const list = Array.isArray(value) ? value.map(String) : undefined;
  const raw = list ? list.join(", ") : value === undefined || value === null ? "-" : String(value);
  const text = forPerson ? printableLine(raw.replaceAll("\n", " "), { colour: false }) : raw;
  // The reference measures a list as Python prints it, brackets and quotes included.
  return { text, width: forPerson ? Bun.stringWidth(text) : codePoints(list ? pythonLiteral(list) : raw) };
}

const codePoints = (text: string) => Array.from(text).length;

function pad(text: string, width: number, { forPerson }: Layout): string {
  const used = forPerson ? Bun.stringWidth(text) : codePoints(text);
  return text + " ".repeat(Math.max(0, width - used));
}
