/** A command line as far as it has been typed. */
export interface TypedLine {
  /** Finished words, without quotes; the program's name first. */
  readonly words: readonly string[];
  /** The word under the cursor, without quotes. */
  readonly prefix: string;
  /** The quote that is still open in it. */
  readonly quote: "'" | '"' | undefined;
}

/** Splits what stands before the cursor like a POSIX shell does, without expansions. */
export function typedLine(text: string): TypedLine {
  const words: string[] = [];
  let word = "";
  let isStarted = false;
  let quote: TypedLine["quote"];
  for (let i = 0; i < text.length; i++) {
    const character = text[i]!;
    if (quote) {
      if (character === quote) quote = undefined;
      else if (character === "\\" && quote === '"' && '"\\$`'.includes(text[i + 1] ?? " ")) word += text[++i] ?? "";
      else word += character;
    } else if (character === "'" || character === '"') {
      quote = character;
      isStarted = true;
    } else if (/\s/.test(character)) {
      if (isStarted || word !== "") words.push(word);
      word = "";
      isStarted = false;
    } else word += character === "\\" ? (text[++i] ?? "") : character;
  }
  return { words, prefix: word, quote };
}
