import { Type } from "@sinclair/typebox";
import { JobDefinition, TestData } from "../../shared/job/definition.ts";
import { dictionary, fields, integer, list, oneOf, optional, text } from "../../shared/wire.ts";

export const SubmittedJob = fields(
  { job_id: text({ description: "Id of the job, a UUID" }) },
  { title: "SubmittedJob" },
);

export const JobAction = fields(
  { action: oneOf(["cancel"], { description: "What to do with the job" }) },
  { title: "JobAction" },
);

export const PopQuery = Type.Object({
  queue: optional(list(text(), { description: "Queue to serve; may be repeated" })),
  wait: optional(
    integer({
      minimum: 0,
      description:
        "Wait up to this many seconds (50 at most) for a job. An agent that asks again within 60 s without having reported on its job gets it again",
    }),
  ),
});

/** What an agent gets (server-api section 6.3): the definition, with the values of secrets in place of their paths. */
export const HandedOutJob = fields(
  {
    job_id: text({ description: "Id of the job" }),
    ...JobDefinition.properties,
    test_data: optional(
      fields(
        {
          ...TestData.properties,
          secrets: optional(dictionary(text(), { description: "Environment variable -> value; empty if unreadable" })),
        },
        { title: "HandedOutTestData" },
      ),
    ),
    attachments_status: optional(oneOf(["complete"], { description: "There are attachments to download" })),
    client_id: optional(text({ description: "Whose secrets the job uses" })),
    started_at: text({ description: "Now, `YYYY-MM-DDTHH:MM:SSZ`" }),
  },
  { title: "HandedOutJob" },
);

/** States that a search takes; `active` is every state but the final ones. */
export const SEARCH_STATES = [
  "setup",
  "provision",
  "firmware_update",
  "test",
  "allocate",
  "allocated",
  "reserve",
  "cleanup",
  "cancelled",
  "completed",
  "active",
] as const;

export const SearchQuery = Type.Object({
  tags: optional(list(text(), { description: "Tag; may be repeated" })),
  match: optional(oneOf(["any", "all"], { default: "any", description: "Must a job have any or all of the tags?" })),
  state: optional(
    list(oneOf(SEARCH_STATES), {
      description: "State; may be repeated. `active` stands for every state but the final ones",
    }),
  ),
});

const created_at = text({ description: "Submission, `YYYY-MM-DDTHH:MM:SSZ`" });
const job_state = text({ description: "State of the job" });
const job_id = text({ description: "Id of the job" });

export const FoundJobs = list(fields({ created_at, job_id, job_state }, { title: "FoundJob" }));

export const QueueJobs = list(
  fields({ created_at, job_id, job_queue: text({ description: "Queue" }), job_state }, { title: "QueueJob" }),
);

const instant = (description: string) =>
  Type.Union([Type.String({ format: "date-time" }), Type.Null()], { description });

export const JobState = fields(
  {
    job_id,
    job_state,
    phases: Type.Record(Type.String(), Type.Integer(), {
      description: "Phase -> exit code, of the phases that have ended",
    }),
    queue: text({ description: "Queue" }),
    position: Type.Union([Type.Integer(), Type.Null()], {
      description: "Waiting jobs ahead; null when the job does not wait",
    }),
    agent: Type.Union([Type.String(), Type.Null()], { description: "Agent that took the job last" }),
    created_at: instant("Submission"),
    started_at: instant("When an agent took the job"),
    ended_at: instant("When the job ended"),
  },
  { title: "JobState" },
);
