import { type Phase, PHASES } from "../../../shared/phases.ts";
import { timestamp } from "../../grammar/timestamp.ts";
import { integer } from "../../grammar/values.ts";
import { type OutputFormat, outputOptions } from "../../output/data.ts";

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
  json: { type: "boolean", description: "print the log that is there now as JSON and end; the same as --output json" },
  output: {
    ...outputOptions.output,
    givesWay: true,
    description: "print the log that is there now as json or yaml, or a table of what is in it, and end",
  },
  events: { type: "boolean", description: "follow the job, and print what happens as one JSON object per line" },
  raw: {
    type: "boolean",
    description: "print nothing but the log: neither how long states lasted, nor the place in the queue",
  },
  "exit-status": {
    type: "boolean",
    description: "end with the exit code of the phase, or of the job's first failed phase; 1 for a cancelled job",
  },
  job_id: { type: "positional", completes: "job", description: "job to follow" },
} as const;

/** What `poll` and `poll-serial` say about themselves and the forms of their output. */
export const pollTexts = (details: string) => ({
  exclusive: [["json", "output", "events", "raw"]] as const,
  details:
    `${details}\n\n` +
    "With --events every line is a JSON object whose field `event` is one of: output, with `text` and the number " +
    "`next_fragment` to go on with; state, with `job_state`; position, with the number `jobs_ahead`; phase-ended, with " +
    "`phase` and `exit_code`.",
  fields: {
    "output.PHASE.log_data": "text of the phase (serial.PHASE for poll-serial)",
    "output.PHASE.last_fragment_number": "number of its last fragment; -1 when there is none",
  },
});

export interface PollOptions {
  readonly jobId: string;
  readonly oneshot: boolean;
  readonly json: boolean;
  readonly output: OutputFormat | undefined;
  readonly events: boolean;
  readonly raw: boolean;
  readonly startFragment: number;
  readonly startTimestamp: string | undefined;
  readonly phase: Phase | undefined;
  readonly exitStatus: boolean;
}
