/** A point in time as people read it (web section 0): UTC, without zone; programs and the page's script find the zone in the element. */
export const Time = ({ at }: { at: Date }) => (
  <time datetime={at.toISOString()}>{at.toISOString().slice(0, 19).replace("T", " ")}</time>
);

const two = (number: number): string => String(number).padStart(2, "0");

/** `01h 02m 03s`; hours are not split into days (web section 3.6). */
export function clock(seconds: number): string {
  const whole = Math.max(0, Math.round(seconds));
  return `${two(Math.floor(whole / 3600))}h ${two(Math.floor(whole / 60) % 60)}m ${two(whole % 60)}s`;
}

/** `3 d 4 h`, `2 h 5 min`, `3 min 12 s`, `8 s`: the two largest units. */
export function brief(seconds: number): string {
  const whole = Math.max(0, Math.round(seconds));
  const parts = [
    [Math.floor(whole / 86_400), "d"],
    [Math.floor(whole / 3600) % 24, "h"],
    [Math.floor(whole / 60) % 60, "min"],
    [whole % 60, "s"],
  ] as const;
  const first = parts.findIndex(([count]) => count > 0);
  if (first < 0) return "0 s";
  return parts
    .slice(first, first + 2)
    .filter(([count]) => count > 0)
    .map(([count, unit]) => `${count} ${unit}`)
    .join(" ");
}

/** The time from one moment to another, in words. */
export const between = (from: Date, to: Date): string => brief((to.getTime() - from.getTime()) / 1000);
