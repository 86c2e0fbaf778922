import { Problem } from "../http/problem.ts";

/** Bytes; our largest form holds permissions by queue. */
const MAX_FORM = 256 * 1024;

/** The fields of a posted form. Files are not expected anywhere. */
export async function readForm(request: Request): Promise<URLSearchParams> {
  const type = request.headers.get("content-type") ?? "";
  if (!/^application\/x-www-form-urlencoded\b/i.test(type)) {
    if (request.body === null) return new URLSearchParams();
    throw new Problem(415, "A form is expected (application/x-www-form-urlencoded).");
  }
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of request.body ?? []) {
    length += chunk.length;
    if (length > MAX_FORM) throw new Problem(413, `The form is larger than ${MAX_FORM} bytes.`);
    chunks.push(chunk);
  }
  return new URLSearchParams(new TextDecoder().decode(Buffer.concat(chunks)));
}
