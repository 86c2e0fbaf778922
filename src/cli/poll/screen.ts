import type { Output } from "../context.ts";
import { printableText } from "../output/device-text.ts";

/** Where a followed job is shown. */
export interface Screen {
  /** Output of the device. */
  text(text: string): void;
  /** A line of our own. */
  line(line: string): void;
  /** The line that stays at the bottom, if there can be one; undefined removes it. */
  status(text: string | undefined): void;
  /** Leaves everything as the next program should find it. */
  close(): void;
}

/** Pipes and files: every byte as it came. */
export class PlainScreen implements Screen {
  constructor(private readonly output: Output) {}

  text(text: string): void {
    this.output.write(text);
  }

  line(line: string): void {
    this.output.write(`${line}\n`);
  }

  status(): void {}

  close(): void {}
}

/** A terminal that cannot move its cursor. */
export class DumbScreen extends PlainScreen {
  override text(text: string): void {
    super.text(printableText(text, { colour: false }));
  }
}
