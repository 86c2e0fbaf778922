import { ConnectionFailure, HttpError } from "../api/errors.ts";
import { jittered } from "../api/jitter.ts";
import { CliError } from "../errors.ts";
import { TransferDisplay } from "../output/transfer-display.ts";
import type { Session } from "../session.ts";
import { cancelJob } from "./cancel.ts";
import { interruptible } from "./interruptible.ts";

/** Each wait for the next try is this much longer than the last one. */
const WAIT_GROWTH = 1.3;
/** After so long a failure is the last one, whatever progress there was. Servers keep what they have got no longer. */
const LONGEST_MS = 24 * 3_600_000;

/**
 * Uploads the archive that a submitted job waits for. A job that will never get it is cancelled, or it would hold its
 * place on the server for ever (W22).
 *
 * @throws {CliError} naming the job, when the upload failed for good
 */
export async function attachArchive(jobId: string, archive: string, session: Session): Promise<void> {
  try {
    await interruptible(session.context.io, () => uploadPatiently(jobId, archive, session));
  } catch (error) {
    const reason = reasonOf(error);
    const outcome = await cancelled(jobId, session);
    throw new CliError(reason === undefined ? outcome : `${reason}\n${outcome}`, 1, { cause: error });
  }
}

/** Tries again after failures that may pass; one that follows progress counts as the first. */
async function uploadPatiently(jobId: string, archive: string, session: Session): Promise<void> {
  const { api, context, log, settings } = session;
  const { clock, random } = context;
  const display = new TransferDisplay("Uploading attachments", context.io.stderr, clock, context.env);
  const upload = api.jobs.upload(jobId, archive, ({ sent, total }) => display.show({ done: sent, total }));
  const end = clock.elapsed() + LONGEST_MS;
  for (let failures = 0; ;) {
    const before = upload.kept;
    try {
      return await upload.send();
    } catch (error) {
      if (!upload.mayPass(error)) throw error;
      failures = upload.kept > before ? 1 : failures + 1;
      display.clear();
      log.error("submit", `Attachments of job ${jobId} were not uploaded: ${error.message}`);
      if (failures >= settings.attachmentsTries || clock.elapsed() >= end) throw error;
    } finally {
      display.clear();
    }
    const seconds = settings.attachmentsRetryWait * WAIT_GROWTH ** (failures - 1);
    await clock.sleep(jittered(seconds * 1000, random));
  }
}

/** What to say besides that the job was cancelled; failures of the connection have been logged. */
function reasonOf(error: unknown): string | undefined {
  if (error instanceof ConnectionFailure) return undefined;
  if (!(error instanceof HttpError)) return (error as Error).message;
  if (error.status === 400) return error.message || undefined;
  return `Unexpected error status from testflinger server (${error.status}): ${error.message}`;
}

async function cancelled(jobId: string, session: Session): Promise<string> {
  try {
    await cancelJob(jobId, session);
    return `Job ${jobId} submitted and cancelled: failed to submit attachments`;
  } catch (error) {
    return (
      `Job ${jobId} submitted, but its attachments could not be uploaded and it could not be cancelled: ` +
      `${(error as Error).message}\nCancel it with "${session.program} cancel ${jobId}".`
    );
  }
}
