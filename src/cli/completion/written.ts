import type { Context } from "../context.ts";
import type { Offer } from "./expected.ts";
import type { TypedLine } from "./typed-line.ts";

/** Offers in the form in which a shell takes them. */
export function written(offers: readonly Offer[], typed: TypedLine, env: Context["env"]): string[] {
  switch (env._ARGCOMPLETE_SHELL) {
    case "zsh":
      return offers.map(forZsh);
    case "fish":
      return offers.map((offer) => forFish(offer, env._ARGCOMPLETE_DFS));
    default:
      return forBash(offers, typed, env);
  }
}

/** zsh quotes by itself, and takes what follows the first colon for a description, also when that is empty. */
function forZsh({ text, description }: Offer): string {
  const escaped = text.replace(/[\\:]/g, "\\$&");
  return description ? `${escaped}:${oneLine(description)}` : escaped;
}

const forFish = ({ text, description }: Offer, separator: string | undefined): string =>
  separator && description ? text + separator + oneLine(description) : text;

const oneLine = (text: string): string => text.replace(/\s+/g, " ");

/** Bash puts texts into the line as they are. */
function forBash(offers: readonly Offer[], typed: TypedLine, env: Context["env"]): string[] {
  const texts = offers.map(({ text }) => cut(quoted(text, typed), typed, env));
  // A Bash that can be told not to add a blank behind `=` adds all the others itself.
  const addsBlank = env._ARGCOMPLETE_SUPPRESS_SPACE === "1" || typed.quote !== undefined;
  return texts.length === 1 && !addsBlank ? texts.map(withBlank) : texts;
}

/** Escapes what the shell would take for something else. */
function quoted(word: string, { quote }: TypedLine): string {
  if (quote === "'") return word.replaceAll("'", `'\\''`);
  if (quote === '"') return word.replace(/["\\$`]/g, "\\$&");
  return word.replace(/[\s"'\\$`;&|<>()!*?[\]{}#]/g, "\\$&");
}

/** Bash replaces only what stands behind the last of its word breaks, such as `=` or `:`. */
function cut(word: string, { prefix, quote }: TypedLine, env: Context["env"]): string {
  const breaks = env._ARGCOMPLETE_COMP_WORDBREAKS;
  if (breaks === undefined || quote) return word;
  const last = Math.max(
    -1,
    ...Array.from(breaks.replace(/[\s"'\\]/g, ""), (character) => prefix.lastIndexOf(character)),
  );
  return word.slice(last + 1);
}

const withBlank = (word: string): string => (/[=/:]$/.test(word) ? word : `${word} `);
