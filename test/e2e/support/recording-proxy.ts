export interface SeenRequest {
  /** `GET /v1/agents/queues`: without the query, and with ids as `…`. */
  readonly line: string;
  /** Scheme of the Authorization header, `none` without one. */
  readonly scheme: string;
}

export interface RecordingProxy extends AsyncDisposable {
  readonly url: string;
  readonly requests: readonly SeenRequest[];
  /** Forgets what it has seen. */
  clear(): void;
}

const ID = /[0-9a-f]{8}-[0-9a-f-]{27}|(?<=auth-poll\/)[\w-]+/g;

/** Stands in front of a server, passes everything on, and remembers who asked for what. */
export function recordingProxy(upstream: string): RecordingProxy {
  const requests: SeenRequest[] = [];
  const server = Bun.serve({
    hostname: "127.0.0.1",
    port: 0,
    idleTimeout: 60,
    async fetch({ method, url, headers, body, signal }) {
      const { pathname, search } = new URL(url);
      const scheme = headers.get("authorization")?.split(" ")[0] ?? "none";
      requests.push({ line: `${method} ${pathname.replaceAll(ID, "…")}`, scheme });
      const passedOn = new Headers(headers);
      passedOn.delete("host");
      return fetch(upstream + pathname + search, {
        method,
        headers: passedOn,
        body,
        signal,
        redirect: "manual",
        decompress: false,
      });
    },
  });
  return {
    url: `http://127.0.0.1:${server.port}`,
    requests,
    clear: () => void requests.splice(0),
    [Symbol.asyncDispose]: () => server.stop(true),
  };
}
