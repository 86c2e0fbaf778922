import type { Footer, MessageOutput, Output } from "../context.ts";

/** Standard error on the terminal that it shares with lines that are redrawn in place. */
export class MessagesAboveFooter implements MessageOutput {
  #footer: Footer | undefined;

  constructor(private readonly output: Output) {}

  get isTTY() {
    return this.output.isTTY;
  }

  get colour() {
    return this.output.colour;
  }

  get columns() {
    return this.output.columns;
  }

  get rows() {
    return this.output.rows;
  }

  keepFooter(footer: Footer): () => void {
    this.#footer = footer;
    return () => {
      if (this.#footer === footer) this.#footer = undefined;
    };
  }

  write(text: string | Uint8Array): void {
    const footer = this.isTTY ? this.#footer : undefined;
    // It may be drawn on this very output, and would hide itself for ever.
    this.#footer = undefined;
    footer?.hide();
    this.output.write(text);
    footer?.show();
    this.#footer = footer;
  }
}
