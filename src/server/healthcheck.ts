import { hostInUrl } from "./listen.ts";

/** Addresses that stand for all of a machine, and where it reaches itself then. */
const ANY: Readonly<Record<string, string>> = { "0.0.0.0": "127.0.0.1", "::": "[::1]", "[::]": "[::1]" };

/** Exit status of `testflinger-server healthcheck`: 0 when the server here is ready. For containers that have no curl. */
export async function healthcheck(host: string, port: number, write: (text: string) => void): Promise<number> {
  const url = `http://${ANY[host] ?? hostInUrl(host)}:${port}/readyz`;
  try {
    const answer = await fetch(url, { signal: AbortSignal.timeout(3000) });
    if (answer.ok) return 0;
    write(`not ready: ${await answer.text()}\n`);
  } catch (error) {
    write(`not reachable: ${url}: ${(error as Error).message}\n`);
  }
  return 1;
}
