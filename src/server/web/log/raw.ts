import type { LogType } from "../../../shared/phases.ts";
import type { LogStore } from "../../store/logs.ts";
import { encoded } from "../parts/encoded.ts";

/** Fragments that are held at a time. */
const PAGE = 64;

/** A whole log as a file. Its bytes come from devices: browsers must save them, whatever they look like. */
export function rawLog(logs: LogStore, jobId: string, type: LogType): Response {
  const encoder = new TextEncoder();
  const texts = textsOf(logs, jobId, type);
  const body = new ReadableStream<Uint8Array>({
    async pull(controller) {
      const { value, done } = await texts.next();
      if (done) controller.close();
      else controller.enqueue(encoder.encode(value));
    },
    async cancel() {
      await texts.return(undefined);
    },
  });
  return new Response(body, {
    headers: {
      "content-type": "text/plain; charset=utf-8",
      "content-disposition": `attachment; filename="${encoded(jobId)}-${type}.log"`,
      "content-security-policy": "default-src 'none'; sandbox",
      "cache-control": "no-store",
    },
  });
}

async function* textsOf(logs: LogStore, jobId: string, type: LogType): AsyncGenerator<string> {
  for (let from: number | undefined; ;) {
    const fragments = await logs.read({ jobId, type, from, limit: PAGE });
    for (const { data } of fragments) yield data;
    const last = fragments.at(-1);
    if (last === undefined || fragments.length < PAGE) return;
    from = last.number + 1;
  }
}
