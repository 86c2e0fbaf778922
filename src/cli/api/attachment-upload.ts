import { ConnectionFailure } from "./errors.ts";
import { type FileUpload, uploadFile } from "./file-upload.ts";
import type { Requester } from "./requester.ts";
import { RESUMABLE_UPLOAD, ResumableUpload } from "./resumable-upload.ts";
import type { ServerInfoSource } from "./server-info.ts";

export interface ArchiveToAttach extends Pick<FileUpload, "file" | "idleTimeoutMs" | "progress"> {
  /** Path of the job's attachments. */
  readonly target: string;
}

/** The upload of a job's archive: in parts where the server takes parts, else as a form, which every server takes. */
export class AttachmentUpload {
  readonly #inParts: ResumableUpload;
  #takesParts: boolean | undefined;

  constructor(
    private readonly requester: Requester,
    private readonly info: ServerInfoSource,
    private readonly archive: ArchiveToAttach,
  ) {
    this.#inParts = new ResumableUpload(requester, { ...archive, target: `${archive.target}/uploads` });
  }

  /** Bytes that need not be sent again. */
  get kept(): number {
    return this.#inParts.kept;
  }

  /** May another `send` succeed after this failure? */
  mayPass(error: unknown): error is Error {
    return error instanceof ConnectionFailure || (this.#takesParts === true && ResumableUpload.mayPass(error));
  }

  /**
   * Uploads the archive, streamed from the file.
   *
   * @throws {HttpError} for a status of 400 and above; for a form, the message is the body
   * @throws {ConnectionFailure} when there is no answer, of kind `timeout` or `connection`
   */
  async send(): Promise<void> {
    this.#takesParts ??= await this.info.supports(RESUMABLE_UPLOAD);
    if (this.#takesParts) return this.#inParts.send();
    return uploadFile(this.requester, this.archive.target, {
      ...this.archive,
      field: "file",
      type: "application/x-gzip",
    });
  }
}
