import { Type } from "@sinclair/typebox";
import { fields, integer, list, MAX_INDEXED, oneOf, optional, text } from "../../shared/wire.ts";

const reported = {
  identifier: optional(text({ description: "Identifier of the device" })),
  job_id: optional(text({ description: "Job that the agent works on; empty when idle" })),
  location: optional(text({ description: "Where the device is" })),
  provision_type: optional(text({ description: "How the device is provisioned" })),
  state: optional(text({ description: "`waiting`, a phase, `offline`, `maintenance` …" })),
  comment: optional(text({ description: "Why it is offline, for people" })),
  queues: optional(list(text(), { maxItems: MAX_INDEXED, description: "Queues that the agent serves" })),
};

/** Body of `POST /v1/agents/data/{agent_name}` (server-api section 6.17). */
export const ReportedAgent = fields(
  {
    ...reported,
    log: optional(list(text(), { description: "Lines to append to the agent's log; the last 100 are kept" })),
  },
  { title: "ReportedAgent" },
);

export const Agent = fields(
  {
    name: text({ description: "Name of the agent" }),
    ...reported,
    provision_streak_type: optional(oneOf(["pass", "fail"], { description: "How the last provision attempts ended" })),
    provision_streak_count: optional(integer({ description: "How many of them ended so" })),
    updated_at: text({ description: "Last report, `YYYY-MM-DDTHH:MM:SSZ`" }),
    restricted_to: Type.Record(Type.String(), Type.Array(Type.String()), {
      description: "Restricted queue of the agent -> clients let in",
    }),
  },
  { title: "Agent" },
);

const { identifier: _, ...shown } = reported;
export const QueueAgent = fields(
  { name: text({ description: "Name of the agent" }), ...shown },
  { title: "QueueAgent" },
);

export const Status = fields({ status: text({ description: "`OK`" }) }, { title: "Status" });

/** Body of `POST /v1/agents/provision_logs/{agent_name}` (server-api section 6.20). */
export const ProvisionResult = fields(
  {
    job_id: text({ description: "Job that was provisioned for" }),
    exit_code: integer({ description: "0: success" }),
    detail: optional(text({ description: "What went wrong" })),
  },
  { title: "ProvisionResult" },
);
