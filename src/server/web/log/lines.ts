/** A line of a log. */
export interface Line {
  /** From 1. */
  readonly number: number;
  /** Without its end; shortened to `MAX_LINE` characters. */
  readonly text: string;
  /** Characters that are left out. */
  readonly omitted: number;
  /** Its end has not come yet. */
  readonly open: boolean;
}

/** Characters of a line that are shown: no one reads further, and browsers take long for it. */
export const MAX_LINE = 4000;

/** Cuts the text of fragments into numbered lines. A line may come in pieces: its open part is told again with each. */
export class LineCutter {
  private text = "";
  private omitted = 0;

  /** @param number of the line that the text begins in */
  constructor(private number: number) {}

  /** The lines that the text ends, and at last the open one if there is anything in it. */
  add(text: string): Line[] {
    const pieces = text.split("\n");
    const open = pieces.pop() as string;
    const lines = pieces.map((piece) => {
      this.extend(piece);
      const line = this.line(false);
      this.number += 1;
      this.text = "";
      this.omitted = 0;
      return line;
    });
    this.extend(open);
    return this.text === "" ? lines : [...lines, this.line(true)];
  }

  private extend(piece: string): void {
    const room = MAX_LINE - this.text.length;
    this.text += piece.slice(0, room);
    this.omitted += Math.max(0, piece.length - room);
  }

  private line(open: boolean): Line {
    return { number: this.number, text: this.text, omitted: this.omitted, open };
  }
}

/** The lines of several `add`s, each as it was told last. */
export const latest = (lines: readonly Line[]): Line[] => [
  ...new Map(lines.map((line) => [line.number, line])).values(),
];
