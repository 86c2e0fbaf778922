import type { Output } from "../context.ts";
import { stringify } from "../format/python-json.ts";
import { printableLine } from "./device-text.ts";
import { styleOf } from "./style.ts";

type Target = Pick<Output, "isTTY" | "colour">;

/** Lines in columns below bold titles; as wide as the widest text, so that nothing is cut. */
export function textTable(titles: readonly string[], rows: readonly (readonly unknown[])[], target: Target): string {
  const style = styleOf(target);
  const cells = rows.map((row) => row.map(cellText));
  const widths = titles.map((title, i) => Math.max(...[title, ...cells.map((row) => row[i]!)].map(width)));
  const line = (texts: readonly string[], shown: (text: string) => string) =>
    texts.map((text, i) => shown(text) + (i === texts.length - 1 ? "" : gap(widths[i]! + 2 - width(text)))).join("");
  return [line(titles, style.bold), ...cells.map((row) => line(row, String))].map((text) => `${text}\n`).join("");
}

/** One line per field, the values below each other; fields without a value are left out. */
export function fieldList(fields: readonly (readonly [label: string, value: unknown])[], target: Target): string {
  const style = styleOf(target);
  const shown = fields.filter(([, value]) => value !== null && value !== undefined && value !== "");
  const widest = Math.max(0, ...shown.map(([label]) => width(printableLine(label, { colour: false }))));
  return shown
    .map(([label, value]) => {
      const name = printableLine(label, { colour: false });
      return `${style.bold(`${name}:`)}${gap(widest + 1 - width(name))}${cellText(value)}\n`;
    })
    .join("");
}

/** One line of text, whatever the value: texts of servers must neither break the table nor drive the terminal. */
function cellText(value: unknown): string {
  if (value === null || value === undefined) return "-";
  const text = typeof value === "string" ? value : stringify(value);
  return printableLine(text.replace(/\s*\n\s*/g, " "), { colour: false });
}

const width = (text: string): number => Bun.stringWidth(text);
const gap = (columns: number): string => " ".repeat(Math.max(0, columns));
