import Anser from "anser";

/** Text of one look. */
export interface Run {
  readonly text: string;
  /** Style sheet classes. */
  readonly classes: string;
}

/** The sixteen colours of terminals, by class. Others are shown as the nearest of these: a style sheet of our own cannot name them all. */
const COLORS: readonly (readonly [name: string, red: number, green: number, blue: number])[] = [
  ["black", 0, 0, 0],
  ["red", 187, 0, 0],
  ["green", 0, 187, 0],
  ["yellow", 187, 187, 0],
  ["blue", 0, 0, 187],
  ["magenta", 187, 0, 187],
  ["cyan", 0, 187, 187],
  ["white", 255, 255, 255],
  ["bright-black", 85, 85, 85],
  ["bright-red", 255, 85, 85],
  ["bright-green", 0, 255, 0],
  ["bright-yellow", 255, 255, 85],
  ["bright-blue", 85, 85, 255],
  ["bright-magenta", 255, 85, 255],
  ["bright-cyan", 85, 255, 255],
];

const DECORATIONS = ["bold", "dim", "italic", "underline", "strikethrough"];

/** Escape sequences other than colours: titles and links (OSC), cursor movements (CSI), character sets. */
// oxlint-disable-next-line no-control-regex -- escape sequences are control characters
const OTHER_SEQUENCES = /\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)?|\x1b\[[0-?]*[ -/]*[@-ln-~]|\x1b[ -/]*[0-Z\\^-~]/g;
/** Control characters that show nothing, and what is left of sequences that were cut off. */
// oxlint-disable-next-line no-control-regex -- they are what is looked for
const CONTROLS = /[\x00-\x08\x0b-\x1a\x1c-\x1f\x7f-\x9f]/g;
/** A change to the default font, which nobody sees: anser gives its colours only to text behind a sequence. */
const CARRY_ON = "\x1b[10m";

/** Reads lines as a terminal does: colours last until they are changed, and what a carriage return takes back is not shown. */
export class Terminal {
  private readonly anser = new Anser();

  /** @param open the line is not at its end: it will be told again, longer, and must then begin with the colours that it begins with now */
  line(text: string, open = false): Run[] {
    const before = { ...this.anser };
    const runs = this.runsOf(text);
    if (open) Object.assign(this.anser, before);
    return runs;
  }

  private runsOf(text: string): Run[] {
    const shown = text.replace(/\r+$/, "");
    const last = shown.slice(shown.lastIndexOf("\r") + 1);
    const plain = last.replace(OTHER_SEQUENCES, "").replace(CONTROLS, "");
    const entries = this.anser.ansiToJson(CARRY_ON + plain, { remove_empty: true });
    this.forgetRepeatedDecorations();
    return entries.map(({ content, fg, bg, decorations }) => ({
      // A sequence that was cut off has left its first character.
      text: content.replaceAll("\x1b", ""),
      classes: [
        ...(fg === null ? [] : [`fg-${nearest(fg)}`]),
        ...(bg === null ? [] : [`bg-${nearest(bg)}`]),
        ...DECORATIONS.filter((name) => decorations.includes(name as (typeof decorations)[number])),
      ].join(" "),
    }));
  }

  /** Anser notes each of them again and again, and a log may hold millions. */
  private forgetRepeatedDecorations(): void {
    const state = this.anser as unknown as { decorations: string[] };
    state.decorations = [...new Set(state.decorations)];
  }
}

/** @param color as `red, green, blue` */
function nearest(color: string): string {
  const [red = 0, green = 0, blue = 0] = color.split(",").map(Number);
  const distance = ([, r, g, b]: (typeof COLORS)[number]) => (r - red) ** 2 + (g - green) ** 2 + (b - blue) ** 2;
  return COLORS.reduce((best, one) => (distance(one) < distance(best) ? one : best))[0];
}
