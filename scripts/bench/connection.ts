import type { Socket } from "bun";

export interface Reply {
  readonly status: number;
  readonly body: string;
}

/**
 * A kept client connection for one request at a time. An ordinary HTTP client costs more than the server that is measured; this one understands only
 * what is needed here: answers with a length, or without a body.
 */
export class Connection {
  private received = "";
  private waiting: PromiseWithResolvers<Reply> | undefined;

  private constructor(private socket: Socket | undefined) {}

  static async open(url: string): Promise<Connection> {
    const { hostname, port } = new URL(url);
    const connection = new Connection(undefined);
    connection.socket = await Bun.connect({
      hostname,
      port: Number(port),
      socket: {
        // Lengths count bytes, so bytes have to stay characters.
        data: (_, bytes) => connection.receive(bytes.toString("latin1")),
        close: () => connection.waiting?.reject(new Error("the server has closed the connection")),
      },
    });
    return connection;
  }

  /** Sends a whole request. */
  send(request: string): Promise<Reply> {
    this.waiting = Promise.withResolvers();
    this.socket?.write(request);
    return this.waiting.promise;
  }

  close(): void {
    this.waiting = undefined;
    this.socket?.end();
  }

  private receive(text: string): void {
    this.received += text;
    const end = this.received.indexOf("\r\n\r\n");
    if (end < 0) return;
    const length = Number(/\r\ncontent-length: *(\d+)/i.exec(this.received.slice(0, end))?.[1] ?? 0);
    if (this.received.length < end + 4 + length) return;
    const reply = { status: Number(this.received.slice(9, 12)), body: this.received.slice(end + 4, end + 4 + length) };
    this.received = this.received.slice(end + 4 + length);
    this.waiting?.resolve(reply);
  }
}

/** As many connections as requests are under way at the same time. */
export class Connections {
  private readonly idle: Connection[] = [];

  constructor(private readonly url: string) {}

  async send(request: string): Promise<Reply> {
    const connection = this.idle.pop() ?? (await Connection.open(this.url));
    const reply = await connection.send(request);
    this.idle.push(connection);
    return reply;
  }

  close(): void {
    for (const connection of this.idle) connection.close();
  }
}

/** The text of a request; the body is ASCII. */
export function requestText(
  method: string,
  path: string,
  headers: Readonly<Record<string, string>>,
  body = "",
): string {
  const lines = Object.entries({ host: "localhost", ...headers }).map(([name, value]) => `${name}: ${value}\r\n`);
  const length = method === "GET" ? "" : `content-length: ${body.length}\r\n`;
  return `${method} ${path} HTTP/1.1\r\n${lines.join("")}${length}\r\n${body}`;
}
