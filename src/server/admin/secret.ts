import { MAX_SECRET_BYTES, MIN_SECRET_LENGTH, secretFault } from "../tokens/client-secret.ts";
import { randomText } from "../tokens/random.ts";
import { type Operator, Refusal, UsageError } from "./operator.ts";

/** Characters of a secret that nobody has to remember. */
export const GENERATED_LENGTH = 32;

/** Where a secret comes from. Never from an argument: those are in process lists and shell histories. */
export const secretOptions = {
  generate: { type: "boolean" },
  "secret-stdin": { type: "boolean" },
} as const;

export interface SecretWords {
  generate?: boolean;
  "secret-stdin"?: boolean;
}

export interface NewSecret {
  readonly value: string;
  /** Nobody has seen it yet. */
  readonly generated: boolean;
}

/** A secret that follows the rules of the API. Asks for it, twice, where no option says where it comes from. */
export async function newSecret(words: SecretWords, { terminal, random }: Operator): Promise<NewSecret> {
  if (words.generate && words["secret-stdin"]) throw new UsageError("--generate and --secret-stdin exclude each other");
  if (words.generate) return { value: randomText(GENERATED_LENGTH, random), generated: true };
  if (words["secret-stdin"])
    return { value: checked((await terminal.readAll()).replace(/\r?\n$/, "")), generated: false };
  if (!terminal.interactive)
    throw new UsageError("there is no terminal to ask for the secret: use --generate or --secret-stdin");
  const value = checked((await terminal.askHidden("Secret: ")) ?? gaveUp());
  if (value !== ((await terminal.askHidden("Secret again: ")) ?? gaveUp()))
    throw new Refusal("the two secrets differ; nothing was changed");
  return { value, generated: false };
}

function checked(secret: string): string {
  if (secretFault(secret))
    throw new Refusal(
      `the secret is not usable: ${MIN_SECRET_LENGTH} characters at least, ${MAX_SECRET_BYTES} bytes at most, no null characters`,
    );
  return secret;
}

const gaveUp = (): never => {
  throw new Refusal("no secret was entered; nothing was changed");
};
