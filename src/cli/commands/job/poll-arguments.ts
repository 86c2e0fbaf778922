import { type Phase, PHASES } from "../../../shared/phases.ts";
import { timestamp } from "../../grammar/timestamp.ts";
import { integer } from "../../grammar/values.ts";

/** What `poll` and `poll-serial` have in common: everything but the log they read (command-line section 10.10). */
export const pollArguments = {
  oneshot: { type: "boolean", alias: "o", description: "show what is there now and end" },
  start_fragment: {
    type: "string",
    alias: "f",
    read: integer,
    default: 0,
    valueHint: "N",
    description: "number of the first log fragment to show",
  },
  start_timestamp: {
    type: "string",
    alias: "t",
    read: timestamp,
    valueHint: "TIME",
    description: "show nothing older than this, for example 2026-11-23T10:20:30+00:00",
  },
  phase: { type: "string", alias: "p", options: PHASES, description: "show this phase only, and end with it" },
  json: { type: "boolean", description: "print the server's answer as JSON and end" },
  "exit-status": {
    type: "boolean",
    description: "end with the exit code of the phase, or of the job's first failed phase; 1 for a cancelled job",
  },
  job_id: { type: "positional", completes: "job", description: "job to follow" },
} as const;

export interface PollOptions {
  readonly jobId: string;
  readonly oneshot: boolean;
  readonly json: boolean;
  readonly startFragment: number;
  readonly startTimestamp: string | undefined;
  readonly phase: Phase | undefined;
  readonly exitStatus: boolean;
}
