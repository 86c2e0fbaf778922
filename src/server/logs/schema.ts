import { type Static, Type } from "@sinclair/typebox";
import { PHASES } from "../../shared/phases.ts";
import { dateTime, fields, integer, oneOf, optional, text } from "../../shared/wire.ts";

const phase = oneOf(PHASES, { description: "Phase of the job" });

/** Body of `POST /v1/result/{job_id}/log/{log_type}` (server-api section 6.15). */
export const PostedFragment = fields(
  {
    fragment_number: integer({ description: "One counter per job and log type, from 0, running on across phases" }),
    timestamp: dateTime("The agent's time"),
    phase,
    log_data: text({ description: "Text of the log; may be empty" }),
  },
  { title: "LogFragment" },
);

/** Query of the log route; an unknown parameter is a fault (server-api section 6.16). */
export const LogQueryParameters = Type.Object({
  start_fragment: optional(integer({ minimum: 0, description: "Lowest fragment number wanted" })),
  start_timestamp: optional(dateTime("Earliest timestamp wanted")),
  phase: optional(oneOf(PHASES, { description: "Only this phase" })),
});
export type LogQueryParameters = Static<typeof LogQueryParameters>;

const PhaseLog = fields(
  {
    last_fragment_number: integer({ description: "Number of the last fragment in this answer; -1 if there is none" }),
    log_data: text(),
  },
  { title: "PhaseLog" },
);

/** `{"output": {"setup": {"last_fragment_number": 7, "log_data": "…"}, …}}` */
export const Log = Type.Record(Type.String(), Type.Record(Type.String(), PhaseLog), {
  title: "Log",
  description: "Log type -> phase -> text",
});
