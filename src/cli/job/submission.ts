import { printableLine } from "../api/printable.ts";
import type { OutputFormat } from "../output/data.ts";
import { printData } from "../output/data.ts";
import { fieldList } from "../output/table.ts";
import type { Session } from "../session.ts";

/** A job that a server has accepted, for programs. */
export interface Submission {
  /** Null when the server named none. */
  readonly job_id: string | null;
  readonly queue: string;
  readonly server: string;
  /** ISO 8601, by the clock of this machine. */
  readonly submitted_at: string;
  /** Paths in the archive that was sent along. */
  readonly attachments: readonly string[];
}

/** The fields of a submission, for help. */
export const SUBMISSION_FIELDS: Readonly<Record<keyof Submission, string>> = {
  job_id: "id of the job",
  queue: "queue of the job",
  server: "URL of the server",
  submitted_at: "when it was submitted, ISO 8601",
  attachments: "list of the files that were sent along, as the agent finds them",
};

export interface SubmittedAs {
  readonly id: string | undefined;
  readonly queue: string;
  readonly attachments?: readonly string[];
}

/** Tells what was submitted; without a format in the words of the reference. */
export async function tellSubmission(
  { id, queue, attachments = [] }: SubmittedAs,
  format: OutputFormat | undefined,
  { api, context }: Session,
): Promise<void> {
  const { clock, io } = context;
  if (!format) {
    const shown = id === undefined ? "None" : printableLine(id);
    return io.stdout.write(`Job submitted successfully!\njob_id: ${shown}\n`);
  }
  const value: Submission = {
    job_id: id ?? null,
    queue,
    server: api.server.base,
    submitted_at: clock.now().toISOString(),
    attachments,
  };
  const rows = [
    ["Job", value.job_id],
    ["Queue", queue],
    ["Server", value.server],
    ["Submitted", value.submitted_at],
    ["Attachments", attachments.join(", ")],
  ] as const;
  await printData(format, { value, layout: { indent: 2 }, table: () => fieldList(rows, io.stdout) }, io.stdout);
}
