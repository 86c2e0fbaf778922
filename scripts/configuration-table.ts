import { join } from "node:path";
import { serverHelp } from "../src/server/help.ts";

const README = join(import.meta.dir, "..", "README.md");
const BEGIN =
  "<!-- configuration: `bun scripts/configuration-table.ts` writes this table from `testflinger-server --help` -->\n";
const END = "<!-- /configuration -->\n";

/** The variables that `testflinger-server --help` lists, as a Markdown table. */
export function configurationTable(help: string): string {
  const unwrapped = help.replace(/\n {20,}/g, " ");
  const rows = Array.from(unwrapped.matchAll(/^ {2}([A-Z][A-Z_]+) +(.+)$/gm), ([, name = "", text = ""]) => {
    const [, meaning = text, fallback = ""] = /^(.*) \(default (.*)\)$/.exec(text) ?? [];
    return `| \`${name}\` | ${fallback && `\`${fallback}\``} | ${cell(meaning)} |\n`;
  });
  return `| variable | default | meaning |\n|---|---|---|\n${rows.join("")}`;
}

const cell = (text: string): string => text.replaceAll("|", "\\|").replaceAll("*", "\\*");

/** The README with this table in its place. */
export function withTable(readme: string, table: string): string {
  const begin = readme.indexOf(BEGIN);
  const end = readme.indexOf(END);
  if (begin < 0 || end < begin) throw new Error("README.md has no place for the table of the configuration");
  return `${readme.slice(0, begin + BEGIN.length)}\n${table}\n${readme.slice(end)}`;
}

if (import.meta.main) {
  await Bun.write(README, withTable(await Bun.file(README).text(), configurationTable(serverHelp())));
}
