/** Exit status of `testflinger-server healthcheck`: 0 when the server here is ready. For containers that have no curl. */
export async function healthcheck(host: string, port: number, write: (text: string) => void): Promise<number> {
  const name = host === "0.0.0.0" ? "127.0.0.1" : host === "::" ? "[::1]" : host.includes(":") ? `[${host}]` : host;
  try {
    const answer = await fetch(`http://${name}:${port}/readyz`, { signal: AbortSignal.timeout(3000) });
    if (answer.ok) return 0;
    write(`not ready: ${await answer.text()}\n`);
  } catch (error) {
    write(`not reachable: ${(error as Error).message}\n`);
  }
  return 1;
}
