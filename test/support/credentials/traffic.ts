import type { CredentialWatch } from "./watch.ts";

/** Characters of a body that are read; credentials are not sent in longer ones. */
const LONGEST = 64 * 1024;

const IS_READ = /json|x-www-form-urlencoded|^text\/plain/;

/** Lets a watch see what goes through in one process. */
export class Traffic {
  private readonly reading: Promise<void>[] = [];

  constructor(private readonly watch: CredentialWatch) {}

  /** Where requests come in. */
  through<More extends unknown[]>(
    answer: (request: Request, ...more: More) => Promise<Response>,
  ): (request: Request, ...more: More) => Promise<Response> {
    return async (request, ...more) => {
      this.read(requestLine(request.method, request.url), request);
      const response = await answer(request, ...more);
      this.read("", response);
      return response;
    };
  }

  /** Where requests go out. */
  out(fetch: (url: string, init: RequestInit) => Promise<Response>): typeof fetch {
    return async (url, init) => {
      this.watch.reads(
        messageText(requestLine(init.method ?? "GET", url), new Headers(init.headers), bodyText(init.body)),
      );
      const response = await fetch(url, init);
      this.read("", response);
      return response;
    };
  }

  /** Resolves when all that has gone through was read. */
  async settled(): Promise<void> {
    await Promise.all(this.reading);
  }

  private read(line: string, message: Request | Response): void {
    const copy =
      message.body && !message.bodyUsed && IS_READ.test(message.headers.get("content-type") ?? "")
        ? message.clone()
        : undefined;
    this.watch.reads(messageText(line, message.headers, ""));
    if (copy) this.reading.push(this.readBody(line, copy));
  }

  private async readBody(line: string, message: Request | Response): Promise<void> {
    let text = "";
    const decoder = new TextDecoder();
    try {
      for await (const chunk of message.body!) {
        text += decoder.decode(chunk as Uint8Array, { stream: true });
        if (text.length > LONGEST) break;
      }
    } catch {
      // Whoever sent the message has broken off; what came is enough.
    }
    this.watch.reads(`${line}\n\n${text}`);
  }
}

const bodyText = (body: RequestInit["body"]): string =>
  typeof body === "string" || body instanceof URLSearchParams ? body.toString() : "";

/** As it goes over the wire. */
const requestLine = (method: string, url: string): string => `${method} ${url.replace(/^https?:\/\/[^/]+/, "")}`;

const messageText = (line: string, headers: Headers, body: string): string =>
  [line, ...[...headers].map(([name, value]) => `${name}: ${value}`), "", body].join("\n");
