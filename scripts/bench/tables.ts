import type { Ceiling } from "./ceiling.ts";
import type { Transfer } from "./files.ts";
import type { StoreReport } from "./store-operations.ts";
import type { Cost } from "./stored-jobs.ts";
import type { Waiting } from "./waiting-agents.ts";

const percent = (share: number): string => `${(share * 100).toFixed(0)} %`;

/** Lines of a table: the first column to the left, the others to the right. */
function table(titles: readonly string[], rows: readonly (readonly string[])[]): string {
  const widths = titles.map((title, column) =>
    Math.max(...[title, ...rows.map((row) => row[column] ?? "")].map((cell) => cell.length)),
  );
  const line = (cells: readonly string[]) =>
    cells
      .map((cell, column) => (column === 0 ? cell.padEnd(widths[0] ?? 0) : cell.padStart(widths[column] ?? 0)))
      .join("  ");
  return [titles, ...rows].map(line).join("\n");
}

export const ceilingTable = ({ bare, gated }: Ceiling): string =>
  `A JSON GET without a store: ${percent(gated.rate / bare.rate)} of the rate of bare Bun.serve; by CPU time per request, which other programs disturb less, ${percent(bare.cpu / gated.cpu)}\n\n${table(
    ["", "per s", "p50 ms", "p99 ms", "CPU us"],
    Object.entries({ "bare Bun.serve": bare, "behind the bearer check": gated }).map(
      ([name, { rate, p50, p99, cpu }]) => [name, rate.toFixed(0), p50.toFixed(2), p99.toFixed(2), cpu.toFixed(1)],
    ),
  )}`;

export const storeTable = ({ store, startup, rows, dispatch, memory }: StoreReport): string =>
  `${store}: first answer after ${startup.toFixed(0)} ms; ${memory.idle.toFixed(0)} MiB idle, ${memory.afterLoad.toFixed(0)} MiB after load\n` +
  `A waiting agent has a job ${dispatch.p50.toFixed(1)} ms (p50), ${dispatch.p99.toFixed(1)} ms (p99) after its submission.\n\n${table(
    ["operation", "per s", "p50 ms", "p99 ms", "CPU us", "bare HTTP", "bare db", "ratio"],
    rows.map(({ operation, rate, p50, p99, cpu, bareHttp, bareStatement, ratio }) => [
      operation,
      rate.toFixed(0),
      p50.toFixed(1),
      p99.toFixed(1),
      cpu.toFixed(0),
      bareHttp.toFixed(0),
      bareStatement.toFixed(0),
      percent(ratio),
    ]),
  )}`;

export const costTable = (store: string, costs: readonly Cost[]): string =>
  `${store}: milliseconds (p50) and CPU microseconds by the number of stored jobs\n\n${table(
    ["operation", ...costs.map(({ jobs }) => jobs.toLocaleString("en"))],
    [
      ...Object.keys(costs[0]?.operations ?? {}).map((name) => [
        name,
        ...costs.map(({ operations }) => {
          const { p50 = 0, cpu = 0 } = operations[name] ?? {};
          return `${p50.toFixed(1)} / ${cpu.toFixed(0)}`;
        }),
      ]),
      ...Object.keys(costs[0]?.statements ?? {}).map((name) => [
        name,
        ...costs.map(({ statements }) => (statements[name]?.p50 ?? 0).toFixed(1)),
      ]),
    ],
  )}`;

export const waitingTable = (store: string, { agents, idle, waiting, dispatch }: Waiting): string =>
  `${store}: ${agents.toLocaleString("en")} waiting agents take ${(waiting - idle).toFixed(0)} MiB above the ${idle.toFixed(0)} MiB of an idle server; ` +
  `one of them has a job ${dispatch.toFixed(1)} ms after its submission`;

export const filesTable = (store: string, size: number, transfers: readonly Transfer[]): string =>
  `${store}: a file of ${size} MiB\n\n${table(
    ["", "MiB per s", "memory above idle, MiB"],
    transfers.map(({ what, direction, rate, growth }) => [`${what} ${direction}`, rate.toFixed(0), growth.toFixed(0)]),
  )}`;
