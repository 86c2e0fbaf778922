import { Type } from "@sinclair/typebox";
import { PHASES } from "../../shared/phases.ts";
import { fields, freeObject, integer, optional, text } from "../../shared/wire.ts";

/** Body of `POST /v1/result/{job_id}` (server-api section 6.11). */
export const ReportedResults = fields(
  {
    status: optional(
      Type.Unsafe<Record<string, number>>({
        type: "object",
        additionalProperties: { type: "integer" },
        propertyNames: { enum: [...PHASES] },
        description: "Phase -> exit code, of all phases so far",
      }),
    ),
    device_info: optional(freeObject("What is known of the device")),
    job_state: optional(text({ description: "State of the job, usually the phase that begins" })),
  },
  { title: "ReportedResults" },
);

const perPhase = Object.fromEntries(
  PHASES.flatMap((phase) => [
    [`${phase}_status`, optional(integer({ description: `Exit code of the phase ${phase}` }))],
    [`${phase}_output`, optional(text({ description: `What the phase ${phase} printed` }))],
    [`${phase}_serial`, optional(text({ description: `Serial console during the phase ${phase}` }))],
  ]),
);

export const Results = Type.Object(
  {
    job_state: text({ description: "State of the job" }),
    device_info: optional(freeObject("What is known of the device")),
    ...perPhase,
  },
  { title: "Results", additionalProperties: true },
);
