import { CliError } from "../errors.ts";
import type { Json, JsonObject } from "../format/json-value.ts";

/** The sections of a job whose attachments are packed, in this order, and the phases that get them. */
export const ATTACHMENT_SECTIONS = {
  provision_data: "provision",
  firmware_update_data: "firmware_update",
  test_data: "test",
} as const;
export type AttachmentSection = keyof typeof ATTACHMENT_SECTIONS;

export interface Routing {
  readonly queue: string;
  /** Names of agents that must not run the job. */
  readonly excludedAgents: readonly Json[];
}

/**
 * The few checks that are made before anything is sent (command-line section 7.2); the server knows the rest.
 *
 * @throws {CliError}
 */
export function checkJob(job: JsonObject): Routing {
  const queue = job.get("job_queue");
  if (queue === undefined || queue === null || queue === "")
    throw new CliError("Error: Queue was not specified in job");
  if (typeof queue !== "string") throw new CliError("Error: job_queue must be a text: put it in quotes");
  const excludedAgents = job.has("exclude_agents") ? job.get("exclude_agents") : [];
  if (!Array.isArray(excludedAgents)) throw new CliError("Error: exclude_agents must be a list if provided.");
  for (const section of Object.keys(ATTACHMENT_SECTIONS)) {
    if (job.has(section) && !(job.get(section) instanceof Map)) {
      throw new CliError(`Error: ${section} must hold keys and values if provided; leave it out when it is empty`);
    }
  }
  return { queue, excludedAgents };
}
