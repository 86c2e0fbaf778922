import type { Reader } from "../grammar/command.ts";
import { ValueError } from "../grammar/values.ts";

/** Keys are named by their owner at Launchpad or GitHub; the device fetches them there. */
export const isSshKey = (text: string): boolean => /^(lp|gh):\S+$/.test(text);

export const sshKey: Reader<string> = (text) => {
  if (!isSshKey(text)) {
    throw new ValueError(`Invalid SSH key format: ${text}. Use lp:<launchpad user> or gh:<github user>`);
  }
  return text;
};
