import type { LogType } from "../../../shared/phases.ts";
import { stringify } from "../../format/python-json.ts";
import { printableText } from "../../output/device-text.ts";
import { followJob } from "../../poll/follow.ts";
import { combine } from "../../poll/followed-job.ts";
import type { Session } from "../../session.ts";
import type { PollOptions } from "./poll-arguments.ts";

/** Shows one log of a job: once, or until the job ends (command-line sections 8 and 10.10). */
export async function pollLog(logType: LogType, options: PollOptions, session: Session): Promise<void> {
  const { jobId, oneshot, json, startFragment, startTimestamp, phase, exitStatus } = options;
  if (!oneshot && !json) {
    return followJob(jobId, { logType, startFragment, startTimestamp, phase, exitStatus }, session);
  }
  const answer = await session.api.results.log(jobId, logType, { startFragment, startTimestamp, phase });
  const { stdout } = session.context.io;
  // Scripts that give both expect the text (command-line section 8.8).
  if (!oneshot) return stdout.write(`${stringify(answer.json, { indent: 4 })}\n`);
  const { text, last } = combine(answer.value[logType], phase);
  if (last < 0) return stdout.write("Waiting on Output\n");
  const shown = stdout.isTTY ? printableText(text, stdout) : text;
  // The submit action looks for the number at the beginning of a line (W7).
  stdout.write(`${shown}${shown === "" || shown.endsWith("\n") ? "" : "\n"}Last Fragment Number: ${last}\n`);
}
