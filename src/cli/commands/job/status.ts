import { HttpError, isRequestFailure } from "../../api/errors.ts";
import { CliError } from "../../errors.ts";
import { defineCommand } from "../../grammar/command.ts";
import { jobState } from "../../job/state.ts";
import type { Session } from "../../session.ts";

export default defineCommand({
  meta: { name: "status", description: "Show the state of a job" },
  details:
    "Prints one word: waiting, a phase (setup, provision, firmware_update, test, allocate, reserve, cleanup), " +
    "allocated, complete or cancelled.",
  args: { job_id: { type: "positional", completes: "job", description: "job to look at" } },
  examples: ["testflinger status JOB_ID"],
  run,
});

export async function run({ jobId }: { jobId: string }, session: Session): Promise<void> {
  const { stdout } = session.context.io;
  try {
    const state = await jobState(jobId, session);
    if (state !== undefined) await session.history.setState(jobId, state);
    stdout.write(`${state ?? "None"}\n`);
  } catch (error) {
    if (error instanceof HttpError && error.status === 204) {
      throw new CliError("No data found for that job id. Check the job id to be sure it is correct.");
    }
    if (error instanceof HttpError && error.status === 400) {
      throw new CliError("Invalid job id specified. Check the job id to be sure it is correct.");
    }
    if (!isRequestFailure(error)) throw error;
    // Scripts that loop until `complete` read this line as "not yet" (command-line sections 10.16 and 13).
    stdout.write("Unable to retrieve job state from the server, check your connection or try again later.\n");
  }
}
