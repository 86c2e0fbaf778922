import type { Footer, MessageOutput, Output } from "../context.ts";
import { coloursAfter, printableLine, SGR_RESET } from "../output/device-text.ts";
import type { Screen } from "./screen.ts";

/** A device that never ends its line must not fill our memory. */
const LONGEST_UNFINISHED_LINE = 16_384;

/**
 * A terminal with a status line. Below the finished lines stands a footer that is redrawn in place: the line that the
 * device has not finished yet, and the status. Both are cut to the width, so that they never wrap (W27).
 */
export class TerminalScreen implements Screen, Footer {
  #unfinished = "";
  #status: string | undefined;
  #footerRows = 0;
  #colours = "";

  #isHidden = false;
  #isDrawing = false;
  readonly #releaseFooter: () => void;

  /** @param messages what else is written to the same terminal */
  constructor(
    private readonly output: Output,
    messages: MessageOutput,
  ) {
    this.#releaseFooter = messages.keepFooter(this);
  }

  text(text: string): void {
    const lines = (this.#unfinished + text).split("\n");
    this.#unfinished = lines.pop()!;
    if (this.#unfinished.length > LONGEST_UNFINISHED_LINE) {
      lines.push(this.#unfinished);
      this.#unfinished = "";
    }
    this.#redraw(lines.map((line) => this.#finished(line)));
  }

  line(line: string): void {
    const before = this.#unfinished === "" ? [] : [this.#finished(this.#unfinished)];
    this.#unfinished = "";
    this.#redraw([...before, line]);
  }

  status(text: string | undefined): void {
    if (this.#status === text) return;
    this.#status = text;
    this.#redraw([]);
  }

  hide(): void {
    if (this.#isDrawing) return;
    this.#isHidden = true;
    this.#redraw([]);
  }

  show(): void {
    if (!this.#isHidden) return;
    this.#isHidden = false;
    this.#redraw([]);
  }

  close(): void {
    this.#releaseFooter();
    this.#status = undefined;
    const rest = this.#unfinished === "" ? [] : [this.#finished(this.#unfinished)];
    this.#unfinished = "";
    this.#redraw(rest);
  }

  /** A device line as it is printed for good; colours that it leaves on go on in the next one. */
  #finished(line: string): string {
    const shown = this.#colours + printableLine(line, this.output);
    this.#colours = coloursAfter(shown, "");
    return this.#colours === "" ? shown : shown + SGR_RESET;
  }

  #redraw(lines: readonly string[]): void {
    const footer = this.#isHidden ? [] : this.#footer();
    const text = `${this.#erase()}${lines.map((line) => `${line}\n`).join("")}${footer.join("\n")}`;
    this.#footerRows = footer.length;
    if (text === "") return;
    this.#isDrawing = true;
    this.output.write(text);
    this.#isDrawing = false;
  }

  #footer(): string[] {
    const unfinished = printableLine(this.#unfinished, { colour: false }).replaceAll("\t", "  ");
    return [
      ...(this.#unfinished === "" ? [] : [unfinished]),
      ...(this.#status === undefined ? [] : [this.#status]),
    ].map((line) => Bun.sliceAnsi(line, 0, this.output.columns - 1));
  }

  /** Moves to the start of the footer and clears it. */
  #erase(): string {
    if (this.#footerRows === 0) return "";
    const up = this.#footerRows > 1 ? `\u001b[${this.#footerRows - 1}A` : "";
    return `\r${up}\u001b[J`;
  }
}
