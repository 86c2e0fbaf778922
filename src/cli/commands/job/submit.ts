import { resolve } from "node:path";
import { printableLine } from "../../api/printable.ts";
import { CliError, UsageError } from "../../errors.ts";
import { refuseSnapPrivate } from "../../files/snap.ts";
import type { JsonObject } from "../../format/json-value.ts";
import { defineCommand } from "../../grammar/command.ts";
import { duration } from "../../grammar/duration.ts";
import { path } from "../../grammar/values.ts";
import { requireAgents } from "../../job/availability.ts";
import { SUBMISSION_FIELDS, tellSubmission } from "../../job/submission.ts";
import { postJob } from "../../job/submit.ts";
import type { PackingPlan } from "../../job-file/attachments.ts";
import { chosenFormat, type OutputChoice, type OutputFormat, outputOptions, printData } from "../../output/data.ts";
import { fieldList } from "../../output/table.ts";
import type { Session } from "../../session.ts";
import { credentialOptions } from "../credentials.ts";

export default defineCommand({
  meta: { name: "submit", description: "Submit a job" },
  details:
    "The job is a YAML or JSON file. Files that it names under `attachments` are sent along. An upload that breaks off goes " +
    "on where it was, if the server can; one that fails for good cancels the job.",
  args: {
    poll: { type: "boolean", alias: "p", description: "show the output of the job until it ends" },
    quiet: { type: "boolean", alias: "q", description: "print only the id of the job" },
    "wait-for-available-agents": {
      type: "boolean",
      description: "submit the job even if no agent of its queue is online",
    },
    "wait-timeout": {
      type: "string",
      read: duration,
      givesWay: true,
      valueHint: "DURATION",
      description:
        "submit the job when an agent of its queue can take it, and fail with status 124 when none could for this " +
        "long: seconds, or a duration such as 2h30m",
    },
    "attachments-relative-to": {
      type: "string",
      read: path,
      valueHint: "DIR",
      completes: "directory",
      description: "where the paths of attachments begin; the folder of the job file by default",
    },
    "dry-run": {
      type: "boolean",
      description:
        "print the job as it would be submitted, check it as the server would, and send nothing; attachments are " +
        "listed on stderr",
    },
    "exit-status": {
      type: "boolean",
      description: "with --poll: end with the exit code of the job's first failed phase; 1 for a cancelled job",
    },
    ...outputOptions,
    ...credentialOptions,
    filename: {
      type: "positional",
      read: path,
      valueHint: "FILE",
      completes: "job-file",
      description: "job to submit; - reads it from standard input",
    },
  },
  exclusive: [
    ["quiet", "json", "output"],
    ["wait-for-available-agents", "wait-timeout"],
  ],
  fields: SUBMISSION_FIELDS,
  examples: [
    "testflinger submit job.yaml",
    "testflinger submit --poll job.yaml",
    "testflinger submit --dry-run job.yaml             # how the file is read",
    "job_id=$(testflinger submit --quiet job.yaml)     # for scripts",
    "generate-job | testflinger submit --quiet -",
  ],
  run,
});

export interface SubmitOptions extends OutputChoice {
  readonly filename: string;
  readonly poll: boolean;
  readonly quiet: boolean;
  readonly waitForAvailableAgents: boolean;
  /** Seconds. */
  readonly waitTimeout: number | undefined;
  readonly attachmentsRelativeTo: string | undefined;
  readonly dryRun: boolean;
  readonly exitStatus: boolean;
}

export async function run(options: SubmitOptions, session: Session): Promise<void> {
  const { filename, quiet, waitForAvailableAgents: waits } = options;
  const format = chosenFormat(options);
  if (options.exitStatus && !options.poll) throw usage("--exit-status needs --poll");
  if (options.poll && format)
    throw usage("data and output of the job cannot be mixed: leave --poll to `poll --events`");
  if (filename !== "-") refuseSnapPrivate(filename, session.context);
  const { readJobFile } = await import("../../job-file/read.ts");
  const { checkJob } = await import("../../job-file/check.ts");
  const { job, folder } = await readJobFile(filename, session.context);
  const routing = checkJob(job);
  if (options.dryRun) return preview(job, await plan(job, folder, options, session), format, session);
  const packed = plan(job, folder, options, session);
  // Found out while the server is asked, but told after what the server says.
  packed.catch(() => {});
  if (options.waitTimeout === undefined) {
    await requireAgents(routing, { waits, quiet, forProgram: format !== undefined }, session);
  } else {
    const { untilAgentIsUsable } = await import("../../job/agent-wait.ts");
    await untilAgentIsUsable(routing, options.waitTimeout, session);
  }
  const packing = await packed;
  const id = packing
    ? await submitWithAttachments(packing, routing.queue, session)
    : await postJob(job, routing.queue, session);
  if (quiet) session.context.io.stdout.write(`${id === undefined ? "None" : printableLine(id)}\n`);
  else {
    const attachments = packing?.attachments.map(({ member }) => member);
    await tellSubmission({ id, queue: routing.queue, attachments }, format, session);
  }
  if (!options.poll) return;
  if (id === undefined) throw new CliError("The server named no job id, so there is nothing to poll.");
  const { followJob } = await import("../../poll/follow.ts");
  await followJob(id, { exitStatus: options.exitStatus, quiet }, session);
}

const usage = (message: string) => new UsageError(message, ["submit"]);

async function plan(
  job: JsonObject,
  folder: string,
  { attachmentsRelativeTo }: SubmitOptions,
  { context }: Session,
): Promise<PackingPlan | undefined> {
  const { planAttachments } = await import("../../job-file/attachments.ts");
  const base = attachmentsRelativeTo === undefined ? folder : resolve(context.cwd, attachmentsRelativeTo);
  return planAttachments(job, base, context.env);
}

async function preview(
  job: JsonObject,
  packing: PackingPlan | undefined,
  format: OutputFormat | undefined,
  { context }: Session,
): Promise<void> {
  const { stdout, stderr } = context.io;
  const { checkSchema } = await import("../../job-file/schema-check.ts");
  const sent = packing?.job ?? job;
  const table = () => fieldList([...sent], stdout);
  await printData(format ?? "json", { value: sent, layout: { indent: 2 }, table }, stdout);
  for (const { source, member } of packing?.attachments ?? []) stderr.write(`${member}: ${source}\n`);
  checkSchema(sent);
}

/** The archive is packed before the job is posted: a job that cannot be packed must not reach the server. */
async function submitWithAttachments(packing: PackingPlan, queue: string, session: Session): Promise<string> {
  const { context, log } = session;
  const { packArchive } = await import("../../job-file/archive.ts");
  const { inTemporaryFolder } = await import("../../job-file/temporary-folder.ts");
  const { attachArchive } = await import("../../job/attach.ts");
  const { interruptible } = await import("../../job/interruptible.ts");
  return inTemporaryFolder(context.env, async (folder) => {
    const archive = resolve(folder, "attachments.tar.gz");
    const id = await interruptible(context.io, async () => {
      await packArchive(packing.attachments, archive, (message) => log.warning("submit", message));
      return postJob(packing.job, queue, session);
    });
    if (id === undefined) throw new CliError("The server named no job id, so the attachments cannot be uploaded.");
    await attachArchive(id, archive, session);
    return id;
  });
}
