/** Percentiles that the wait times are told in. */
export const PERCENTILES = [5, 10, 50, 90, 95] as const;

/** Percentile -> value by linear interpolation between neighbours (server-api section 6.25); empty without samples. */
export function percentiles(samples: readonly number[]): Record<string, number> {
  if (samples.length === 0) return {};
  const sorted = samples.toSorted((a, b) => a - b);
  return Object.fromEntries(
    PERCENTILES.map((percent) => [String(percent), at(sorted, ((sorted.length - 1) * percent) / 100)]),
  );
}

function at(sorted: readonly number[], index: number): number {
  const below = Math.floor(index),
    low = sorted[below] as number,
    high = sorted[below + 1] ?? low;
  return low + (high - low) * (index - below);
}
