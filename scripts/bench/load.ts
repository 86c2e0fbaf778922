import type { ProcessFigures } from "./process.ts";

/** What a closed loop of clients measured. */
export interface Measured {
  /** Operations per second. */
  readonly rate: number;
  /** Milliseconds. */
  readonly p50: number;
  readonly p99: number;
}

export interface Load {
  clients: number;
  seconds: number;
}

/**
 * Lets `clients` repeat an operation, each beginning the next when the last has ended, for some seconds after a short warm-up. `operation` is told a
 * number that no other call gets.
 */
export async function measure(
  operation: (call: number) => Promise<unknown>,
  { clients, seconds }: Load,
): Promise<Measured> {
  let calls = 0;
  const run = async (until: number, record: number[] | null) => {
    while (performance.now() < until) {
      const start = performance.now();
      await operation(calls++);
      record?.push(performance.now() - start);
    }
  };
  const everybody = (until: number, record: number[] | null) =>
    Promise.all(Array.from({ length: clients }, () => run(until, record)));
  await everybody(performance.now() + seconds * 200, null);
  const latencies: number[] = [];
  const start = performance.now();
  await everybody(start + seconds * 1000, latencies);
  const elapsed = (performance.now() - start) / 1000;
  return { rate: latencies.length / elapsed, ...quantiles(latencies) };
}

/** The same, and the CPU time in microseconds that the server takes for one operation: it stays comparable on a machine that others use too. */
export async function measureServer(
  server: ProcessFigures,
  operation: (call: number) => Promise<unknown>,
  load: Load,
): Promise<Measured & { readonly cpu: number }> {
  let calls = 0;
  const before = await server.cpu();
  const measured = await measure((call) => {
    calls++;
    return operation(call);
  }, load);
  return { ...measured, cpu: (((await server.cpu()) - before) * 1e6) / calls };
}

export function quantiles(milliseconds: number[]): { p50: number; p99: number } {
  const sorted = milliseconds.toSorted((a, b) => a - b);
  const at = (share: number) => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0;
  return { p50: at(0.5), p99: at(0.99) };
}
