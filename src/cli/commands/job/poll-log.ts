import { type LogType, PHASES } from "../../../shared/phases.ts";
import type { LogAnswer } from "../../api/results.ts";
import type { Output } from "../../context.ts";
import { UsageError } from "../../errors.ts";
import { chosenFormat, printData } from "../../output/data.ts";
import { printableText } from "../../output/device-text.ts";
import { textTable } from "../../output/table.ts";
import { followJob } from "../../poll/follow.ts";
import { combine } from "../../poll/followed-job.ts";
import type { Session } from "../../session.ts";
import type { PollOptions } from "./poll-arguments.ts";

/** Shows one log of a job: once, or until the job ends (command-line sections 8 and 10.10). */
export async function pollLog(logType: LogType, options: PollOptions, session: Session): Promise<void> {
  const { jobId, oneshot, output, events, raw, startFragment, startTimestamp, phase, exitStatus } = options;
  const format = chosenFormat(options);
  const rival = events ? "--events" : raw ? "--raw" : output && "--output";
  if (oneshot && rival) {
    const command = logType === "serial" ? "poll-serial" : "poll";
    throw new UsageError(`argument ${rival}: not allowed with argument -o/--oneshot`, [command]);
  }
  if (!oneshot && !format) {
    const form = events ? "events" : raw ? "raw" : "people";
    return followJob(jobId, { logType, startFragment, startTimestamp, phase, exitStatus, form }, session);
  }
  const answer = await session.api.results.log(jobId, logType, { startFragment, startTimestamp, phase });
  const { stdout } = session.context.io;
  const log = answer.value[logType];
  // Scripts that give --json too expect the text (command-line section 8.8).
  if (!oneshot && format) {
    const table = () => phaseTable(log, stdout);
    return printData(format, { value: answer.json, layout: { indent: 4 }, table }, stdout);
  }
  const { text, last } = combine(log, phase);
  if (last < 0) return stdout.write("Waiting on Output\n");
  const shown = stdout.isTTY ? printableText(text, stdout) : text;
  // The submit action looks for the number at the beginning of a line (W7).
  stdout.write(`${shown}${shown === "" || shown.endsWith("\n") ? "" : "\n"}Last Fragment Number: ${last}\n`);
}

function phaseTable(log: LogAnswer[LogType], stdout: Output): string {
  const rows = PHASES.flatMap((phase) => {
    const { last, text } = log?.[phase] ? combine(log, phase) : { last: -1, text: "" };
    return last < 0 ? [] : [[phase, last, text.split("\n").length - (text.endsWith("\n") ? 1 : 0)]];
  });
  return textTable(["PHASE", "LAST FRAGMENT", "LINES"], rows, stdout);
}
