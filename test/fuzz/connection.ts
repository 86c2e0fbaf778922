import { connect, type Socket } from "node:net";

export interface Answer {
  readonly status: number;
  /** Names in lower case. */
  readonly headers: ReadonlyMap<string, string>;
  readonly body: Buffer;
}

export type Outcome = Answer | "closed" | "silent";

export interface SendOptions {
  /** Answers to HEAD have no body, whatever they announce. */
  readonly head: boolean;
  /** Milliseconds after which the client hangs up without an answer. */
  readonly patience: number;
  /** Hang up at the beginning of a body of this type. */
  readonly endless: string;
}

/**
 * A client connection that sends bytes as they are, because an ordinary client refuses to send what this test is about. Opened when needed, and kept
 * for the next request as long as the server keeps it.
 */
export class Connection {
  private socket: Socket | undefined;

  constructor(private readonly port: number) {}

  /** What the server answers; `closed` if it ends the connection instead, `silent` if it does neither for too long. */
  async send(request: Buffer, options: SendOptions): Promise<Outcome> {
    const kept = this.socket !== undefined;
    const outcome = await this.attempt(request, options);
    // The server may have ended a kept connection because of what was sent before (RFC 9112 section 9.3.1).
    return outcome === "closed" && kept ? this.attempt(request, options) : outcome;
  }

  close(): void {
    this.socket?.destroy();
    this.socket = undefined;
  }

  private attempt(request: Buffer, options: SendOptions): Promise<Outcome> {
    const socket = (this.socket ??= this.open());
    const { promise, resolve } = Promise.withResolvers<Outcome>();
    let received = Buffer.alloc(0);
    const finish = (outcome: Outcome, keep: boolean) => {
      clearTimeout(timer);
      socket.off("data", onData).off("close", onClose);
      if (!keep) this.close();
      resolve(outcome);
    };
    const onData = (chunk: Buffer) => {
      received = Buffer.concat([received, chunk]);
      const answer = parseAnswer(received, options, false);
      if (answer) finish(answer.answer, answer.reusable);
    };
    const onClose = () => finish(parseAnswer(received, options, true)?.answer ?? "closed", false);
    const timer = setTimeout(() => finish("silent", false), options.patience);
    socket.on("data", onData).on("close", onClose);
    socket.write(request);
    return promise;
  }

  private open(): Socket {
    const socket = connect({ port: this.port, host: "127.0.0.1", noDelay: true });
    // Whoever sends nonsense is cut off; that shows as a close as well.
    socket.on("error", () => {});
    socket.on("close", () => {
      if (this.socket === socket) this.socket = undefined;
    });
    return socket;
  }
}

/** The answer as soon as it is whole. */
function parseAnswer(
  bytes: Buffer,
  { head, endless }: SendOptions,
  ended: boolean,
): { answer: Answer; reusable: boolean } | undefined {
  const end = bytes.indexOf("\r\n\r\n");
  if (end < 0) return undefined;
  const [statusLine = "", ...lines] = bytes.subarray(0, end).toString("latin1").split("\r\n");
  const status = Number(/^HTTP\/1\.1 (\d{3})/.exec(statusLine)?.[1]);
  const headers = new Map(
    lines.map((line): [string, string] => {
      const colon = line.indexOf(":");
      return [line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim()];
    }),
  );
  const rest = bytes.subarray(end + 4);
  if (status === 100) return parseAnswer(rest, { head, patience: 0, endless }, ended);
  const reusable = headers.get("connection") !== "close";
  const whole = (body: Buffer, keep = reusable) => ({ answer: { status, headers, body }, reusable: keep });
  if (head || status === 204 || status === 304) return whole(Buffer.alloc(0));
  if (headers.get("content-type")?.startsWith(endless)) return whole(Buffer.alloc(0), false);
  if (headers.get("transfer-encoding") === "chunked") {
    const body = dechunked(rest);
    return body && whole(body);
  }
  const length = Number(headers.get("content-length") ?? (ended ? rest.length : Infinity));
  return rest.length >= length ? whole(rest.subarray(0, length)) : undefined;
}

/** The body out of its chunks (RFC 9112 section 7.1); undefined while it is not whole. */
function dechunked(bytes: Buffer): Buffer | undefined {
  const chunks: Buffer[] = [];
  for (let at = 0; ;) {
    const line = bytes.indexOf("\r\n", at);
    if (line < 0) return undefined;
    const length = parseInt(bytes.subarray(at, line).toString("latin1"), 16);
    if (bytes.length < line + 2 + length + 2) return undefined;
    if (length === 0) return Buffer.concat(chunks);
    chunks.push(bytes.subarray(line + 2, line + 2 + length));
    at = line + 2 + length + 2;
  }
}
