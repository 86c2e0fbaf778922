import { VERSION } from "../shared/version.ts";
import { plainHelp } from "./plain-help.ts" with { type: "macro" };
import { programName } from "./program-name.ts";

type Env = Readonly<Record<string, string | undefined>>;

const HELP = plainHelp();

/**
 * Says what can be said before the program is loaded, which takes longer than to say it: the version, and the help of
 * the program where it goes to no terminal, which would have its own width and colours.
 * @param startedAs `process.argv0`
 * @returns false when the program has to answer itself, also because what was said did not get through: it knows how to
 * end then
 */
export async function answersAtOnce(words: readonly string[], startedAs: string, env: Env): Promise<boolean> {
  try {
    const answer = await quickAnswer(words, startedAs, env);
    if (answer !== undefined) await Bun.write(Bun.stdout, answer);
    return answer !== undefined;
  } catch {
    return false;
  }
}

async function quickAnswer(words: readonly string[], startedAs: string, env: Env): Promise<string | undefined> {
  const [word, ...more] = words;
  if (more.length > 0) return undefined;
  if (word === "--version") return `testflinger ${VERSION}\n`;
  const isHelp = word === "-h" || word === "--help";
  return isHelp && !env.COLUMNS && (await isPlain(Bun.stdout)) ? HELP[programName(startedAs)] : undefined;
}

/** Is this certainly no terminal? Asked without `node:fs`, which takes a millisecond to load. */
async function isPlain(output: Bun.BunFile): Promise<boolean> {
  const stats = await output.stat();
  return !stats.isCharacterDevice() || stats.rdev === (await Bun.file("/dev/null").stat()).rdev;
}
