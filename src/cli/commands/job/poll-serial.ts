import { defineCommand } from "../../grammar/command.ts";
import type { Session } from "../../session.ts";
import { pollArguments, pollLog, type PollOptions } from "./poll-log.ts";

export default defineCommand({
  meta: { name: "poll-serial", description: "Show the serial log of a job as it runs" },
  details: "What the device writes to its serial console; not every agent records it.",
  args: pollArguments,
  examples: ["testflinger poll-serial JOB_ID", "testflinger poll-serial JOB_ID --oneshot > serial.log"],
  run,
});

export async function run(options: PollOptions, session: Session): Promise<void> {
  await pollLog("serial", options, session);
}
