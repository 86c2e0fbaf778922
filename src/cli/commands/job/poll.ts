import { defineCommand } from "../../grammar/command.ts";
import type { Session } from "../../session.ts";
import { pollArguments, type PollOptions, pollTexts } from "./poll-arguments.ts";

export default defineCommand({
  meta: { name: "poll", description: "Show the output of a job as it runs" },
  ...pollTexts("Ends when the job ends. Press Ctrl-C to stop watching; you are asked whether to cancel the job too."),
  args: pollArguments,
  examples: [
    "testflinger poll JOB_ID",
    "testflinger poll JOB_ID --phase provision      # only while the device is being installed",
    "testflinger poll JOB_ID --exit-status          # for scripts: fails when the job failed",
    "testflinger poll JOB_ID --oneshot --start_fragment 17",
    "testflinger poll JOB_ID --events | jq -r '.job_state // empty'",
  ],
  run,
});

export async function run(options: PollOptions, session: Session): Promise<void> {
  const { pollLog } = await import("./poll-log.ts");
  await pollLog("output", options, session);
}
