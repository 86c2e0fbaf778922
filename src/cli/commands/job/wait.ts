import { HttpError } from "../../api/errors.ts";
import { UsageError } from "../../errors.ts";
import { defineCommand } from "../../grammar/command.ts";
import { duration } from "../../grammar/duration.ts";
import { interruptible } from "../../job/interruptible.ts";
import { requireSuccess } from "../../job/outcome.ts";
import { explainedForJob } from "../../job/unknown-job.ts";
import { AWAITED_STATES, type AwaitedState, waitForState } from "../../job/wait.ts";
import { WaitDisplay } from "../../job/wait-display.ts";
import { shownOn } from "../../output/device-text.ts";
import { chosenFormat, type OutputChoice, outputOptions, printData } from "../../output/data.ts";
import type { Progress } from "../../poll/events.ts";
import { followedJob } from "../../poll/followed-job.ts";
import type { Session } from "../../session.ts";

export default defineCommand({
  meta: { name: "wait", description: "Wait until a job has reached a state" },
  details:
    "Prints the state of the job when it is reached. A phase counts as reached also when it is over already.\n\n" +
    "Exit status: 0 when the state is reached; 1 when the job ended without reaching it; 124 when the time is up. " +
    "A server that does not answer is asked again until it does, or the time is up.",
  args: {
    for: {
      type: "enum",
      options: AWAITED_STATES,
      default: "complete",
      valueHint: "STATE",
      description: "state to wait for",
    },
    timeout: {
      type: "string",
      read: duration,
      valueHint: "DURATION",
      description: "how long to wait: seconds, or a duration such as 2h30m; for ever without it",
    },
    "exit-status": {
      type: "boolean",
      description: "when the job is complete, end with the exit code of its first failed phase",
    },
    ...outputOptions,
    job_id: { type: "positional", completes: "job", description: "job to wait for" },
  },
  exclusive: [["json", "output"]],
  fields: {
    job_id: "id of the job",
    job_state: "state of the job when the wait was over",
    phases: "exit codes of the phases that have ended",
  },
  examples: [
    "testflinger wait JOB_ID                                   # until the job is complete",
    "testflinger wait JOB_ID --exit-status                     # fails when the job failed",
    "testflinger wait JOB_ID --for reserve --timeout 1h30m     # until the device can be used",
  ],
  run,
});

export interface WaitOptions extends OutputChoice {
  readonly jobId: string;
  readonly for: AwaitedState;
  readonly timeout: number | undefined;
  readonly exitStatus: boolean;
}

export async function run(options: WaitOptions, session: Session): Promise<void> {
  const { for: state, exitStatus } = options;
  if (exitStatus && state !== "complete") throw new UsageError("--exit-status needs --for complete", ["wait"]);
  const { io } = session.context;
  const progress = await reached(options, session);
  const table = () => `${shownOn(io.stdout)(progress.state)}\n`;
  const value = { job_id: options.jobId, job_state: progress.state, phases: progress.exitCodes };
  await printData(chosenFormat(options) ?? "table", { value, layout: { indent: 2 }, table }, io.stdout);
  if (exitStatus) requireSuccess(progress);
}

async function reached({ jobId, for: state, timeout }: WaitOptions, session: Session): Promise<Progress> {
  const { api, context, history, log } = session;
  using display = new WaitDisplay(state, context.clock, context.io, context.env);
  let recorded: string | undefined;
  try {
    const job = followedJob(api, jobId, { logType: "output" });
    const onProgress = async (progress: Progress) => {
      display.show(progress.state);
      if (progress.state === recorded) return;
      recorded = progress.state;
      await history.setState(jobId, recorded);
    };
    const { clock, random, io } = context;
    const waiting = { job, state, timeoutSeconds: timeout, clock, random, log, onProgress };
    return await interruptible(io, () => waitForState(waiting));
  } catch (error) {
    throw error instanceof HttpError ? explainedForJob(error) : error;
  }
}
