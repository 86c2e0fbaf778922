import type { Context } from "../../../src/cli/context.ts";

/** What happens to one request, in place of its answer. */
export type Fault =
  /** The connection breaks after so many bytes of the body, or before any. */
  | { readonly brokenAfter: number }
  /** The answer is lost: the request is served all the same. */
  | "lost answer"
  /** Something happens before the answer. */
  | { readonly meanwhile: () => unknown }
  /** Somebody else answers. */
  | { readonly status: number };

interface Stored {
  readonly id: string;
  readonly length: number;
  readonly sha256: string;
  content: Buffer;
  complete: boolean;
}

const JOB_UPLOADS = /^\/v1\/job\/[^/]+\/attachments\/uploads(?:\/([^/]+))?(\/complete)?$/;

/** A server that takes attachments in parts, without a socket, and does badly what a test tells it to do badly. */
export class PartsServer {
  /** `PATCH 5+10`: so many bytes came for that offset; other requests without numbers. */
  readonly seen: string[] = [];
  upload: Stored | undefined;
  #begun = 0;
  /** By method, in the order of the requests; undefined: nothing goes wrong. */
  readonly #faults: Record<string, (Fault | undefined)[]>;

  constructor(faults: Record<string, (Fault | undefined)[]> = {}) {
    this.#faults = faults;
  }

  readonly fetch: Context["fetch"] = async (input, init = {}) => {
    const { pathname } = new URL(String(input));
    const method = init.method ?? "GET";
    if (pathname === "/v1/server")
      return Response.json({
        name: "t",
        version: "1",
        auth: { anonymous: true, oidc: false },
        features: ["resumable-upload"],
      });
    const [, id, completes] = JOB_UPLOADS.exec(pathname) ?? [];
    if (!JOB_UPLOADS.test(pathname)) return new Response(`nothing at ${pathname}`, { status: 404 });
    const name = completes ? "complete" : method;
    const fault = this.#faults[name]?.shift();
    if (typeof fault === "object" && "status" in fault) {
      this.seen.push(name);
      return new Response("no", { status: fault.status });
    }
    const body = await this.#arrived(init.body, fault);
    if (typeof fault === "object" && "meanwhile" in fault) fault.meanwhile();
    const offset = new Headers(init.headers).get("upload-offset");
    this.seen.push(offset === null ? name : `${name} ${offset}+${body.length}`);
    const answer = this.#serve(name, id, body, Number(offset));
    if (fault === "lost answer" || (fault && "brokenAfter" in fault))
      throw Object.assign(new TypeError("cut"), { code: "ECONNRESET" });
    return answer;
  };

  async #arrived(body: RequestInit["body"], fault: Fault | undefined): Promise<Buffer> {
    const most = typeof fault === "object" && "brokenAfter" in fault ? fault.brokenAfter : Number.POSITIVE_INFINITY;
    const pieces: Uint8Array[] = [];
    let length = 0;
    for await (const piece of new Response(body).body ?? []) {
      pieces.push(piece.subarray(0, most - length));
      length += piece.length;
      if (length >= most) break;
    }
    return Buffer.concat(pieces);
  }

  #serve(name: string, id: string | undefined, body: Buffer, offset: number): Response {
    if (name === "POST") return this.#begin(JSON.parse(body.toString()));
    const { upload } = this;
    if (!upload || upload.id !== id) return new Response("gone", { status: 404 });
    if (name === "PATCH" && offset !== upload.content.length) return new Response("elsewhere", { status: 409 });
    if (name === "PATCH") upload.content = Buffer.concat([upload.content, body]);
    if (name === "complete") upload.complete = true;
    return this.#progress();
  }

  #begin({ length, sha256 }: Pick<Stored, "length" | "sha256">): Response {
    if (this.upload?.sha256 !== sha256)
      this.upload = { id: `u${++this.#begun}`, length, sha256, content: Buffer.alloc(0), complete: false };
    return this.#progress();
  }

  #progress(): Response {
    const { id, content, length, complete } = this.upload!;
    return Response.json({ upload_id: id, offset: content.length, length, complete });
  }
}
