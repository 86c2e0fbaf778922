import { rotateSecretsKey, UnreadableSecret } from "../secrets/rotation.ts";
import { jsonText } from "./client-record.ts";
import { type Operator, Refusal, UsageError } from "./operator.ts";
import { readWords } from "./options.ts";

/** `rotate-secrets-key`: seals all stored secrets under the new master key. */
export async function rotateSecrets(
  args: readonly string[],
  { store, terminal, masterKeys, events, name, now }: Operator,
): Promise<void> {
  const { values, positionals } = readWords(args, {
    "delete-unreadable": { type: "boolean" },
    json: { type: "boolean" },
  });
  if (positionals.length) throw new UsageError(`no arguments expected, got ${positionals.length}`);
  if (!masterKeys?.current || !masterKeys.next)
    throw new Refusal(
      "TESTFLINGER_SECRETS_MASTER_KEY must be set to the old key and TESTFLINGER_SECRETS_NEW_MASTER_KEY to the new one",
    );
  try {
    const { resealed, deleted } = await rotateSecretsKey({
      store,
      from: masterKeys.current,
      to: masterKeys.next,
      unreadable: values["delete-unreadable"] ? "delete" : "stop",
      now,
    });
    const description = `Operator ${name} rotated the key of secrets: ${resealed} sealed anew, ${deleted} deleted`;
    events.emit("WARNING", "sensitive_update", [name, "secrets"], description);
    const lost = deleted ? `Deleted because no key opens them: ${deleted}. ` : "";
    terminal.print(
      values.json
        ? jsonText({ resealed, deleted })
        : `Secrets sealed under the new key: ${resealed}. ${lost}Rotation complete.\n`,
    );
  } catch (error) {
    if (error instanceof UnreadableSecret) throw new Refusal(error.message);
    throw error;
  }
}
