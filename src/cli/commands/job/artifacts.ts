import { resolve } from "node:path";
import { HttpError } from "../../api/errors.ts";
import type { DownloadedPiece } from "../../api/resumable-download.ts";
import type { Context } from "../../context.ts";
import { CliError, LoggedError } from "../../errors.ts";
import { inOrder, saveDownload } from "../../files/download.ts";
import { fileReason } from "../../files/reason.ts";
import { refuseSnapPrivate } from "../../files/snap.ts";
import { defineCommand } from "../../grammar/command.ts";
import { untilInterrupted } from "../../job/interruptible.ts";
import { TransferDisplay } from "../../output/transfer-display.ts";
import type { Session } from "../../session.ts";

const STANDARD_OUTPUT = "-";

export default defineCommand({
  meta: { name: "artifacts", description: "Download the artifacts of a job" },
  details:
    "The artifacts are whatever the job left in its artifacts folder, packed as a gzipped tar. A download that breaks off " +
    "goes on where it was, if the server can; else it begins anew.",
  args: {
    filename: {
      type: "string",
      default: "artifacts.tgz",
      valueHint: "FILE",
      completes: "file",
      description: "file to write, or - for standard output; an existing file is replaced",
    },
    job_id: { type: "positional", completes: "job", description: "job whose artifacts are wanted" },
  },
  examples: ["testflinger artifacts JOB_ID", "testflinger artifacts --filename - JOB_ID | tar -xz    # unpack at once"],
  run,
});

export interface ArtifactsOptions {
  readonly jobId: string;
  readonly filename: string;
}

export async function run({ jobId, filename }: ArtifactsOptions, { context, api }: Session): Promise<void> {
  const { stdout } = context.io;
  if (filename === STANDARD_OUTPUT) {
    for await (const bytes of inOrder(download(jobId, api))) stdout.write(bytes);
    return;
  }
  refuseSnapPrivate(filename, context);
  stdout.write("Downloading artifacts tarball...\n");
  const pieces = shown(untilInterrupted(context.io, download(jobId, api)), context);
  try {
    await saveDownload(resolve(context.cwd, filename), pieces);
  } catch (error) {
    if (error instanceof CliError) throw error;
    throw new CliError(`Cannot write ${filename}: ${fileReason(error)}`, 1, { cause: error });
  }
  stdout.write(`Artifacts downloaded to ${filename}\n`);
}

/** The same pieces, with a line on stderr that tells how much has come. */
async function* shown(pieces: AsyncIterable<DownloadedPiece>, { clock, env, io }: Context) {
  const display = new TransferDisplay("Downloading", io.stderr, clock, env);
  try {
    for await (const piece of pieces) {
      display.show({ done: piece.position + piece.bytes.length, total: undefined });
      yield piece;
    }
  } finally {
    display.clear();
  }
}

async function* download(jobId: string, api: Session["api"]): AsyncGenerator<DownloadedPiece, void, undefined> {
  try {
    yield* api.results.artifact(jobId);
  } catch (error) {
    if (!(error instanceof HttpError)) throw error;
    if (error.status === 204) throw new CliError("No artifacts tarball found for that job id.");
    if (error.status === 400) {
      throw new CliError("Invalid job id specified. Check the job id to be sure it is correct.");
    }
    const text = `Unexpected error status from testflinger server: ${error.status}`;
    throw new LoggedError("artifacts", text, { cause: error });
  }
}
