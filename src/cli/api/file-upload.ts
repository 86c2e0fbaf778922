import { basename } from "node:path";
import { HttpError } from "./errors.ts";
import { filePieces, streamOf } from "./file-stream.ts";
import { printable } from "./printable.ts";
import type { Requester } from "./requester.ts";

export interface UploadProgress {
  /** Bytes handed to the network so far, of `total`. */
  readonly sent: number;
  readonly total: number;
}

export interface FileUpload {
  /** Path of the file. It must not change until the upload has ended. */
  readonly file: string;
  /** Name of the form field. */
  readonly field: string;
  /** Media type of the part. */
  readonly type: string;
  readonly idleTimeoutMs: number;
  readonly progress?: (progress: UploadProgress) => void;
}

/**
 * Posts a file as a form with one part (RFC 7578), a piece at a time and with its length announced: archives of several
 * gigabytes must not be held in memory (W23).
 *
 * @throws {HttpError} for a status of 400 and above; the message is the body
 * @throws {ConnectionFailure} when there is no answer
 */
export async function uploadFile(requester: Requester, target: string, upload: FileUpload): Promise<void> {
  const file = Bun.file(upload.file);
  const boundary = `testflinger-${crypto.randomUUID()}`;
  const head = new TextEncoder().encode(
    `--${boundary}\r\n` +
      `Content-Disposition: form-data; name="${upload.field}"; filename="${escaped(basename(upload.file))}"\r\n` +
      `Content-Type: ${upload.type}\r\n\r\n`,
  );
  const tail = new TextEncoder().encode(`\r\n--${boundary}--\r\n`);
  const answer = await requester.open(target, {
    method: "POST",
    headers: {
      "Content-Type": `multipart/form-data; boundary=${boundary}`,
      "Content-Length": String(head.length + file.size + tail.length),
    },
    idleTimeoutMs: upload.idleTimeoutMs,
    body: (stir) => {
      const progress = (sent: number) => {
        stir();
        upload.progress?.({ sent, total: file.size });
      };
      return streamOf(formOf(head, filePieces(file, { start: 0, end: file.size }, progress), tail));
    },
  });
  const body = await answer.text();
  if (answer.status >= 400) throw new HttpError(answer.status, printable(body), body);
}

async function* formOf(head: Uint8Array, content: AsyncGenerator<Uint8Array, void, undefined>, tail: Uint8Array) {
  yield head;
  yield* content;
  yield tail;
}

/** File names in a form's header (HTML standard, "multipart form data"). */
const escaped = (name: string) => name.replace(/[\r\n"]/g, encodeURIComponent);
