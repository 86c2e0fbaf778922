/** Python's `repr` of an int. */
export function integerText(value: number | bigint): string {
  // BigInt, because String(1e21) is "1e+21"; it has no negative zero, and neither have Python's integers.
  return BigInt(value).toString();
}

/** Python's `repr` of a float, with JSON's names for what has no digits. */
export function floatText(value: number): string {
  if (Number.isNaN(value)) return "NaN";
  if (!Number.isFinite(value)) return value > 0 ? "Infinity" : "-Infinity";
  const sign = value < 0 || Object.is(value, -0) ? "-" : "";
  const [mantissa, power] = Math.abs(value).toExponential().split("e") as [string, string];
  const digits = mantissa.replace(".", "");
  return sign + place(digits, Number(power));
}

/** Puts the shortest digits that name a float, `d.ddd × 10^power`, into the notation that Python chooses for them. */
function place(digits: string, power: number): string {
  if (power < -4 || power >= 16) {
    const fraction = digits.length > 1 ? `.${digits.slice(1)}` : "";
    return `${digits[0]}${fraction}e${power < 0 ? "-" : "+"}${String(Math.abs(power)).padStart(2, "0")}`;
  }
  if (power < 0) return `0.${"0".repeat(-power - 1)}${digits}`;
  const padded = digits.padEnd(power + 2, "0");
  return `${padded.slice(0, power + 1)}.${padded.slice(power + 1)}`;
}
