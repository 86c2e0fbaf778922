import { errorOf, jsonValue } from "./decode.ts";
import { HttpError } from "./errors.ts";
import { filePieces, streamOf } from "./file-stream.ts";
import type { UploadProgress } from "./file-upload.ts";
import { path } from "./path.ts";
import type { Requester, Upload } from "./requester.ts";
import { isInteger, isText, objectWith } from "./shapes.ts";

/** What servers that take archives in parts name it. */
export const RESUMABLE_UPLOAD = "resumable-upload";

export interface ResumableFile {
  /** Path of the uploads of the job. */
  readonly target: string;
  /** Path of the file. It must not change until the upload has ended. */
  readonly file: string;
  /** For the end of the upload, when the server reads all that it has stored. */
  readonly idleTimeoutMs: number;
  readonly progress?: (progress: UploadProgress) => void;
}

/**
 * Bytes of a part. Gateways in front of servers have limits for requests, of 20 MB for example, and many pass a request
 * on only when it is whole: of a longer one nothing would be kept.
 */
const PART_BYTES = 16 * 2 ** 20;

/** A server that takes nothing for so long will not take the rest: the upload goes on sooner over another connection. */
const STALLED_MS = 60_000;

/** Answers of a gateway or a busy server, or of one that has another idea of the offset: asking again may help. */
const PASSING_STATUSES: readonly number[] = [408, 409, 429, 502, 503, 504];

interface Progress {
  /** Absent when nothing is wanted any more. */
  readonly upload_id?: string;
  readonly offset: number;
  readonly complete: boolean;
}

const isProgress = objectWith<Progress>({
  upload_id: (value) => value === undefined || isText(value),
  offset: isInteger,
  complete: (value) => typeof value === "boolean",
});

/**
 * An upload in parts (after the IETF draft "Resumable Uploads for HTTP"): each `send` asks the server how much it has,
 * and sends the rest. It survives lost connections, restarts of the server, and the end of access tokens.
 */
export class ResumableUpload {
  #kept = 0;
  #id: string | undefined;
  #sha256: string | undefined;
  readonly #file: Blob;

  constructor(
    private readonly requester: Requester,
    private readonly options: ResumableFile,
  ) {
    this.#file = Bun.file(options.file);
  }

  /** Bytes that the server is known to keep. */
  get kept(): number {
    return this.#kept;
  }

  /** May another `send` succeed after this failure, besides those without any answer? */
  static mayPass(error: unknown): boolean {
    return error instanceof HttpError && PASSING_STATUSES.includes(error.status);
  }

  /**
   * Sends what the server lacks; a try that failed may be followed by another one.
   *
   * @throws {HttpError} for a status of 400 and above
   * @throws {ConnectionFailure} when there is no answer
   */
  async send(): Promise<void> {
    let progress = await this.#locate();
    while (!progress.complete && progress.offset < this.#file.size) progress = await this.#append(progress.offset);
    if (!progress.complete) await this.#request("POST", "/complete", { idleTimeoutMs: this.options.idleTimeoutMs });
  }

  async #locate(): Promise<Progress> {
    if (this.#id !== undefined) {
      try {
        return this.#progress("GET", await this.#request("GET", ""));
      } catch (error) {
        // The server keeps uploads for a while only; or another one has taken its place.
        if (!(error instanceof HttpError) || error.status !== 404) throw error;
        this.#id = undefined;
      }
    }
    this.#sha256 ??= await sha256Of(this.#file);
    const content = JSON.stringify({ length: this.#file.size, sha256: this.#sha256 });
    const headers = { "Content-Type": "application/json" };
    const progress = this.#progress("POST", await this.#request("POST", "", { headers, body: () => content }));
    this.#id = progress.upload_id;
    return progress;
  }

  async #append(start: number): Promise<Progress> {
    const { progress: shown, idleTimeoutMs } = this.options;
    const { size: total } = this.#file;
    const end = Math.min(start + PART_BYTES, total);
    const answer = await this.#request("PATCH", "", {
      headers: {
        "Content-Type": "application/octet-stream",
        "Content-Length": String(end - start),
        "Upload-Offset": String(start),
      },
      idleTimeoutMs: Math.min(idleTimeoutMs, STALLED_MS),
      body: (stir) =>
        streamOf(
          filePieces(this.#file, { start, end }, (sent) => {
            stir();
            shown?.({ sent, total });
          }),
        ),
    });
    return this.#progress("PATCH", answer);
  }

  #progress(method: string, answer: string): Progress {
    const progress = jsonValue(answer, `${method} ${this.options.target}`, isProgress);
    this.#kept = progress.offset;
    return progress;
  }

  /** The body of a successful answer to a request about this upload, or about the uploads of the job before it has begun. */
  async #request(method: string, suffix: string, exchange: Omit<Upload, "method"> = {}): Promise<string> {
    const { target } = this.options;
    const upload = this.#id === undefined ? target : `${target}${path`/${this.#id}`}`;
    const answer = await this.requester.open(upload + suffix, { ...exchange, method });
    const body = await answer.text();
    if (answer.status >= 300) throw errorOf(answer.status, body);
    return body;
  }
}

async function sha256Of(file: Blob): Promise<string> {
  const hasher = new Bun.CryptoHasher("sha256");
  for await (const piece of file.stream()) hasher.update(piece);
  return hasher.digest("hex");
}
