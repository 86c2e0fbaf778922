import { isRequestFailure } from "../../api/errors.ts";
import { CliError, UsageError } from "../../errors.ts";
import { stringify } from "../../format/python-json.ts";
import { defineCommand } from "../../grammar/command.ts";
import { duration } from "../../grammar/duration.ts";
import { SUBMISSION_FIELDS, tellSubmission } from "../../job/submission.ts";
import { submitJob } from "../../job/submit.ts";
import { chosenFormat, type OutputChoice, outputOptions, printData } from "../../output/data.ts";
import { fieldList } from "../../output/table.ts";
import { isUrl, type ProvisionData, provisionDataOf } from "../../reserve/images.ts";
import { Prompts } from "../../reserve/prompts.ts";
import { sshKey } from "../../reserve/ssh-key.ts";
import type { Session } from "../../session.ts";
import { credentialOptions } from "../credentials.ts";
import { advertisedQueues } from "../queue/list.ts";

export default defineCommand({
  meta: { name: "reserve", description: "Install a device and keep it for interactive use" },
  details:
    "Asks for what is not given. The output of the job names the address to connect to; cancel the job to give the " +
    "device back early.\n\n" +
    "With --json or --output nothing is asked and the output of the job is not shown: `wait --for reserve` and " +
    "`status --json` tell when the device can be used, and how.",
  args: {
    "dry-run": { type: "boolean", alias: "d", description: "show the job, but do not submit it" },
    queue: { type: "string", alias: "q", completes: "queue", description: "queue of the device" },
    image: { type: "string", alias: "i", description: "image to install: a name that the queue knows, or a URL" },
    distro: { type: "string", description: "release to install, for queues that install by release" },
    key: {
      type: "string",
      alias: "k",
      collect: "each",
      read: sshKey,
      description: "SSH key to let in, lp:user or gh:user; repeat for more",
    },
    yes: { type: "boolean", alias: "y", description: "do not ask whether to go on" },
    timeout: {
      type: "string",
      read: duration,
      default: 3600,
      valueHint: "DURATION",
      description: "how long to keep the device: seconds, or a duration such as 2h30m",
    },
    ephemeral: { type: "boolean", description: "leave nothing on the disk of the device; needs --distro" },
    "no-poll": { type: "boolean", description: "end when the job is submitted, without showing its output" },
    "wait-for-available-agents": { type: "boolean", description: "submit even if no agent of the queue is online now" },
    ...outputOptions,
    ...credentialOptions,
  },
  exclusive: [
    ["image", "distro"],
    ["json", "output"],
  ],
  fields: SUBMISSION_FIELDS,
  examples: [
    "testflinger reserve                                              # asks for everything",
    "testflinger reserve --queue my-queue --distro noble --key lp:me --timeout 2h30m --yes",
    "testflinger reserve --queue my-queue --distro noble --key lp:me --yes --json    # for scripts",
  ],
  run,
});

export interface ReserveOptions extends OutputChoice {
  readonly dryRun: boolean;
  readonly queue: string | undefined;
  readonly image: string | undefined;
  readonly distro: string | undefined;
  readonly key: readonly string[];
  readonly yes: boolean;
  readonly timeout: number;
  readonly ephemeral: boolean;
  readonly noPoll: boolean;
  readonly waitForAvailableAgents: boolean;
}

export async function run(options: ReserveOptions, session: Session): Promise<void> {
  const { io } = session.context;
  const format = chosenFormat(options);
  if (format) requireAnswers(options);
  const prompts = new Prompts(io);
  const queue = options.queue || (await prompts.queue(await advertisedQueues(session)));
  if (options.ephemeral && !options.distro) {
    throw new CliError("Error: --ephemeral option requires --distro to be specified.");
  }
  const provisionData = await provisionDataFor(queue, options, prompts, session);
  const keys = options.key.length > 0 ? options.key : await prompts.keys();
  const job = {
    job_queue: queue,
    reserve_data: { ssh_keys: keys, timeout: options.timeout },
    ...(provisionData && { provision_data: provisionData }),
  };
  if (format && options.dryRun) {
    const table = () => fieldList(Object.entries(job), io.stdout);
    return printData(format, { value: job, layout: { indent: 2 }, table }, io.stdout);
  }
  if (!format) io.stdout.write(`\nThe following job will be submitted:\n${stringify(job, { indent: 2 })}\n`);
  if (options.dryRun || !(options.yes || (await prompts.proceed()))) return;
  const jobId = await submitJob(
    job,
    { waits: options.waitForAvailableAgents, quiet: false, forProgram: format !== undefined },
    session,
  );
  await tellSubmission({ id: jobId, queue }, format, session);
  if (options.noPoll || format) return;
  const { followJob } = await import("../../poll/follow.ts");
  await followJob(jobId, {}, session);
}

/** What a person would be asked has to be on the command line where a program reads the answer. */
function requireAnswers({ queue, image, distro, key, yes, dryRun }: ReserveOptions): void {
  const missing = [
    ...(queue ? [] : ["--queue"]),
    ...(image || distro ? [] : ["--image or --distro"]),
    ...(key.length > 0 ? [] : ["--key"]),
    ...(yes || dryRun ? [] : ["--yes"]),
  ];
  if (missing.length > 0) throw new UsageError(`--json and --output need ${missing.join(", ")} too`, ["reserve"]);
}

async function provisionDataFor(
  queue: string,
  { distro, ephemeral, image }: ReserveOptions,
  prompts: Prompts,
  session: Session,
): Promise<ProvisionData | undefined> {
  if (distro) return { distro, ...(ephemeral && { ephemeral: true }) };
  if (image && isUrl(image)) return { url: image };
  const images = await imagesOf(queue, session);
  if (!image) return prompts.image(images);
  const data = provisionDataOf(image, images);
  if (!data) throw new CliError(`ERROR: '${image}' is not in the list of known images of queue '${queue}'.`);
  return data;
}

async function imagesOf(queue: string, { api, log }: Session): Promise<ReadonlyMap<string, string>> {
  try {
    return new Map(Object.entries(await api.agents.images(queue)));
  } catch (error) {
    if (!isRequestFailure(error)) throw error;
    log.warning("reserve", `Unable to get a list of images from the server: ${error.message}`);
    return new Map();
  }
}
