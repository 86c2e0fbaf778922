import type { SecurityLevel } from "../../../../src/server/log/security-events.ts";
import type { Scene } from "../scene.ts";

/** What makes an event: the answers to the requests that may have made it, and who is named. */
export interface Made {
  readonly answers: readonly Response[];
  /** The event with its arguments. */
  readonly event: string;
  /** What the description must mention (config section 6). */
  readonly says?: string;
}

/** A security event, by what happens. */
export type Row = readonly [what: string, level: SecurityLevel, make: (scene: Scene) => Promise<Made>];

export const made = (answers: Response | readonly Response[], event: string, says?: string): Made => ({
  answers: answers instanceof Response ? [answers] : answers,
  event,
  says,
});

export const PATHS = { job: "/v1/job", sessions: "/v1/oauth2/sessions" };

/** An upload. */
export function archive(): FormData {
  const form = new FormData();
  form.append("file", new Blob([new Uint8Array(20)]), "attachments.tar.gz");
  return form;
}
