// oxlint-disable no-control-regex -- control characters are what this file is about
/**
 * Text from a device is hostile: written raw to a terminal it could retitle the window, fill the clipboard (OSC 52),
 * answer queries with keystrokes, or hide what came before. On terminals only colours are let through; files and pipes
 * get every byte.
 */

/** CSI, string sequences with their terminator, two-character escapes; 7-bit and C1 forms (ECMA-48 section 5). */
const ESCAPES =
  /(?:\u001b\[|\u009b)([0-?]*)[ -/]*([@-~])|(?:\u001b[\]PX^_]|[\u009d\u0090\u0098\u009e\u009f])[^\u0007\u001b\u009c]*(?:\u0007|\u001b\\|\u009c)|\u001b[ -/]*[0-~]/g;

/** Control characters but tab, and the characters that reorder the text shown (Unicode bidirectional controls). */
const CONTROLS = /[\u0000-\u0008\u000a-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/g;

/** Stands for ESC while the rest is cleaned; a noncharacter, so no text contains it after cleaning. */
const KEPT = "\ufdd0";

export const SGR_RESET = "\u001b[0m";

/** One line of device text, without its end, fit for a terminal. With `colour` false, colours go too. */
export function printableLine(line: string, { colour }: { colour: boolean }): string {
  return lastOverwrite(line.replaceAll(KEPT, ""))
    .replace(ESCAPES, (_, parameters: string | undefined, final: string | undefined) => {
      const kept = colour && final === "m" ? colourParameters(parameters ?? "") : undefined;
      return kept === undefined ? "" : `${KEPT}[${kept}m`;
    })
    .replace(CONTROLS, "")
    .replaceAll(KEPT, "\u001b");
}

/** Whole text at once; every line ends without a colour left on. */
export function printableText(text: string, options: { colour: boolean }): string {
  const lines = text.split("\n").map((line) => {
    const shown = printableLine(line, options);
    return shown.includes("\u001b[") ? shown + SGR_RESET : shown;
  });
  return lines.join("\n");
}

/** A carriage return lets a progress bar overwrite its line: what was written last is what would stay visible. */
function lastOverwrite(line: string): string {
  const text = line.replace(/\r+$/, "");
  return text.slice(text.lastIndexOf("\r") + 1);
}

/** The parameters of an SGR sequence without blinking (5, 6) and concealing (8); undefined when it has a foreign form. */
function colourParameters(parameters: string): string | undefined {
  if (!/^[\d;]{0,40}$/.test(parameters)) return undefined;
  const kept: string[] = [];
  const numbers = parameters.split(";");
  for (let i = 0; i < numbers.length; i++) {
    const extended = ["38", "48", "58"].includes(numbers[i]!);
    // 38;5;n and 38;2;r;g;b: the numbers behind belong to the colour.
    const length = extended ? (numbers[i + 1] === "2" ? 5 : 3) : 1;
    if (!["5", "6", "8"].includes(numbers[i]!)) kept.push(...numbers.slice(i, i + length));
    i += length - 1;
  }
  return kept.length === 0 ? undefined : kept.join(";");
}

/** The colours that are on behind a printable line that began with `active` on. */
export function coloursAfter(line: string, active: string): string {
  const sequences = line.match(/\u001b\[[\d;]*m/g) ?? [];
  const all = [...(active.match(/\u001b\[[\d;]*m/g) ?? []), ...sequences];
  const reset = all.findLastIndex((sequence) => /^\u001b\[0*m$/.test(sequence));
  // A device that never resets must not make the prefix grow without end.
  return all
    .slice(reset + 1)
    .slice(-8)
    .join("");
}

/** How text that others have written goes to an output: made safe for a terminal, as it is into anything else. */
export const shownOn = ({ isTTY, colour }: { isTTY: boolean; colour: boolean }) =>
  isTTY ? (text: string) => printableText(text, { colour }) : (text: string) => text;
