import type { Credentials } from "../../auth/token-endpoint.ts";
import type { Output } from "../../context.ts";
import type { Session } from "../../session.ts";

/**
 * A client id and its secret key. What is not configured is asked for, on a terminal.
 *
 * @param prompts where the questions go
 */
export async function askForCredentials(
  { context, settings }: Session,
  prompts: Output,
): Promise<Credentials | undefined> {
  const { stdin } = context.io;
  const ask = async (prompt: string, answer: () => Promise<string | null>) => {
    if (!stdin.isTTY) return null;
    // First, so that what is typed at the sight of the prompt is hidden already.
    const answered = answer();
    prompts.write(prompt);
    return await answered;
  };
  const clientId = settings.clientId ?? (await ask("Client id: ", () => stdin.line()))?.trim();
  if (!clientId) return undefined;
  const secretKey = settings.secretKey ?? (await ask(`Secret key of ${clientId}: `, () => stdin.hidden()));
  if (!settings.secretKey && stdin.isTTY) prompts.write("\n");
  return secretKey ? { clientId, secretKey } : undefined;
}
