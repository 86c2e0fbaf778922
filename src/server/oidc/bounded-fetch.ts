/** What oauth4webapi and jose call to reach the provider. */
export type Fetch = (url: string, init: RequestInit) => Promise<Response>;

/** Milliseconds that the provider gets for each call, its whole answer included (auth section 5). */
export const PROVIDER_TIME_LIMIT = 5000;

/** Bytes of an answer at the most; discovery documents and key sets are far smaller. */
const MAX_ANSWER = 1024 * 1024;

/** The provider could not be reached, or did not answer in time or in reasonable size. */
export class ProviderUnreachable extends Error {
  override readonly name = "ProviderUnreachable";
}

const BODILESS = [204, 205, 304];

/** A fetch that has read the whole answer when it resolves, so that neither a slow nor an endless body can hold a login up. */
export function boundedFetch(fetch: Fetch, timeLimit = PROVIDER_TIME_LIMIT): Fetch {
  return async (url, init) => {
    try {
      const response = await fetch(url, { ...init, redirect: "manual", signal: AbortSignal.timeout(timeLimit) });
      const body = await readAll(response.body);
      const { status, headers } = response;
      return new Response(BODILESS.includes(status) ? null : body, { status, headers });
    } catch (cause) {
      throw new ProviderUnreachable(cause instanceof Error ? cause.message : String(cause), { cause });
    }
  };
}

async function readAll(body: ReadableStream<Uint8Array> | null): Promise<Uint8Array<ArrayBuffer>> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of body ?? []) {
    length += chunk.length;
    if (length > MAX_ANSWER) throw new Error(`the answer is longer than ${MAX_ANSWER} bytes`);
    chunks.push(chunk);
  }
  return new Uint8Array(Buffer.concat(chunks));
}
