// oxlint-disable no-control-regex -- terminals are driven by control characters
/**
 * The screen that a terminal shows after some output: enough of ECMA-48 for a status line. It throws at every sequence
 * that it does not know, so that nothing unexpected reaches a terminal unseen.
 */
export function screenAfter(output: string, columns = 80): string[] {
  const lines: string[][] = [[]];
  let [row, column] = [0, 0];
  const down = () => void (lines[++row] ??= []);
  for (const [token] of output.matchAll(/\u001b\[[\d;?]*[A-Za-z]|\u001b.|[\s\S]/gu)) {
    const [, count, command] = /^\u001b\[(\d*)[\d;]*([A-Za-z])$/.exec(token) ?? [];
    if (command === "m") continue;
    if (command === "A") row = Math.max(0, row - Number(count || 1));
    else if (command === "K") lines[row]!.length = column;
    else if (command === "J") {
      lines[row]!.length = column;
      lines.length = row + 1;
    } else if (command !== undefined || token.startsWith("\u001b"))
      throw new Error(`unknown: ${JSON.stringify(token)}`);
    else if (token === "\r") column = 0;
    else if (token === "\n") {
      down();
      column = 0;
    } else {
      if (column >= columns) {
        down();
        column = 0;
      }
      lines[row]![column++] = token;
    }
  }
  return lines.map((line) =>
    Array.from(line, (character) => character ?? " ")
      .join("")
      .trimEnd(),
  );
}
