/** More differences than these are another word, not a slip. */
const MOST_DIFFERENCES = 2;

/** The name that was probably meant; undefined when none is near. */
export function nearestName(written: string, names: readonly string[]): string | undefined {
  const [nearest] = names
    .map((name) => ({ name, differences: differences(written, name) }))
    .filter(({ name, differences: count }) => count <= Math.min(MOST_DIFFERENCES, name.length / 2))
    .sort((a, b) => a.differences - b.differences);
  return nearest?.name;
}

/** Letters to insert, remove or replace to get from one word to the other (Levenshtein distance). */
function differences(a: string, b: string): number {
  if (Math.abs(a.length - b.length) > MOST_DIFFERENCES) return Number.POSITIVE_INFINITY;
  let row = Array.from({ length: b.length + 1 }, (_, i) => i);
  for (let i = 0; i < a.length; i++) {
    const next = [i + 1];
    for (let j = 0; j < b.length; j++) {
      const replaced = row[j]! + (a[i] === b[j] ? 0 : 1);
      next.push(Math.min(replaced, row[j + 1]! + 1, next[j]! + 1));
    }
    row = next;
  }
  return row[b.length]!;
}
