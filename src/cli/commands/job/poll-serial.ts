import { defineCommand } from "../../grammar/command.ts";
import type { Session } from "../../session.ts";
import { pollArguments, type PollOptions, pollTexts } from "./poll-arguments.ts";

export default defineCommand({
  meta: { name: "poll-serial", description: "Show the serial log of a job as it runs" },
  ...pollTexts("What the device writes to its serial console; not every agent records it."),
  args: pollArguments,
  examples: ["testflinger poll-serial JOB_ID", "testflinger poll-serial JOB_ID --oneshot > serial.log"],
  run,
});

export async function run(options: PollOptions, session: Session): Promise<void> {
  const { pollLog } = await import("./poll-log.ts");
  await pollLog("serial", options, session);
}
