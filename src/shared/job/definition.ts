import type { Static } from "@sinclair/typebox";
import { duration, fields, flag, freeObject, integer, list, MAX_INDEXED, nullable, optional, text } from "../wire.ts";
import { Attachment, ProvisionDataSchema, SecretPaths } from "./provision-data.ts";

/** What runs on the device (server-api section 4.3). */
export const TestData = fields(
  {
    test_cmds: optional(text({ description: "Shell script that the agent runs" })),
    attachments: optional(list(Attachment, { description: "Files sent along with the job" })),
    test_username: optional(text({ description: "User to log in to the device as" })),
    test_password: optional(text({ description: "That user's password" })),
    secrets: optional(SecretPaths),
  },
  { title: "TestData" },
);

/** How long the device stays reserved and for whom (server-api section 4.4). */
export const ReserveData = fields(
  {
    ssh_keys: optional(
      list(text({ pattern: "^(lp|gh):(\\S+)$" }), { description: "Launchpad or GitHub users whose keys are let in" }),
    ),
    timeout: optional(nullable(duration("Length of the reservation: seconds, or text such as `2h30m`. Default 3600"))),
  },
  { title: "ReserveData" },
);

/** Fields of a job in the reference's order, which is also the order in which the web page shows them. */
const definitionFields = {
  parent_job_id: optional(text({ description: "Job that created this one (multi-device jobs)" })),
  name: optional(text({ description: "For people" })),
  tags: optional(list(text(), { maxItems: MAX_INDEXED, description: "For searches" })),
  job_queue: text({ minLength: 1, description: "Queue to wait in" }),
  global_timeout: optional(
    integer({ description: "Longest time for the whole job, in seconds. The agent's default is 14400" }),
  ),
  output_timeout: optional(
    integer({ description: "Longest silence of a phase, in seconds. The agent's default is 900" }),
  ),
  allocation_timeout: optional(
    integer({ description: "Longest wait for all devices of a multi-device job, in seconds. Default 7200" }),
  ),
  provision_data: optional(ProvisionDataSchema),
  firmware_update_data: optional(freeObject("How to update the firmware")),
  test_data: optional(TestData),
  allocate_data: optional(freeObject("Allocation of a device to a multi-device job")),
  reserve_data: optional(ReserveData),
  job_status_webhook: optional(text({ description: "URL that gets the events of the job" })),
  job_priority: optional(integer({ description: "Higher goes first; needs permission when above 0. Default 0" })),
  exclude_agents: optional(list(text(), { default: [], description: "Agents that must not run the job" })),
  debug: optional(flag({ description: "Passed on to the agent" })),
};

/** A job as stored and handed to agents. */
export const JobDefinition = fields(definitionFields, { title: "JobDefinition" });
export type JobDefinition = Static<typeof JobDefinition>;

/** Body of `POST /v1/job` (server-api section 4.1). */
export const JobSubmission = fields(
  { job_id: optional(text({ description: "A UUID, to submit a job again under its id" })), ...definitionFields },
  { title: "JobSubmission" },
);
export type JobSubmission = Static<typeof JobSubmission>;
