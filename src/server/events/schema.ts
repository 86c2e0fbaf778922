import { type Static } from "@sinclair/typebox";
import { fields, list, optional, text, url } from "../../shared/wire.ts";

const JobEvent = fields(
  {
    event_name: text({
      description: "What happened: `<phase>_start`, `<phase>_success`, `<phase>_fail`, `job_start` …",
    }),
    timestamp: text({ description: "The agent's time" }),
    detail: optional(text({ description: "Free text" })),
  },
  { title: "JobEvent" },
);

export const JobEvents = fields(
  {
    job_status_webhook: url("Where the events go; on the host that the operator has allowed"),
    agent_id: optional(text({ description: "The agent" })),
    job_queue: optional(text({ description: "The queue of the job" })),
    events: optional(list(JobEvent, { description: "All events of the job so far" })),
  },
  { title: "JobEvents" },
);
export type JobEvents = Static<typeof JobEvents>;
