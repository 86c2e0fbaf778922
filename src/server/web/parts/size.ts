const UNITS = ["bytes", "kB", "MB", "GB", "TB"];

/** `0 bytes`, `96 kB`, `1.2 GB`: powers of 1000, two digits. */
export function size(bytes: number): string {
  let value = bytes,
    unit = 0;
  while (value >= 1000 && unit < UNITS.length - 1) {
    value /= 1000;
    unit += 1;
  }
  const digits = unit > 0 && value < 10 ? value.toFixed(1) : Math.round(value);
  return `${digits} ${UNITS[unit]}`;
}
