/** Texts of the status line (command-line section 8.5). */

const MESSAGES: ReadonlyMap<string, string> = new Map([
  ["waiting", "Waiting on a node to become available..."],
  ["running", "Waiting for deployment to finish..."],
  ["provision", "Provisioning device..."],
  ["reserve", "Device reserved"],
]);

export const messageOf = (state: string): string => MESSAGES.get(state) ?? "Waiting on output...";

/** A provisioning agent reports every minute; on a terminal the status line says it better. */
export const isProvisioningNoise = (line: string): boolean =>
  line.includes("INFO:") && /\d+ minute\(s\) passed since deployment\.\s*$/.test(line);

/**
 * When a reservation ends, as its own log says. The client cannot know it otherwise: it may have begun to look long
 * after the reservation began (W29).
 */
export function reservationEnd(line: string): Date | undefined {
  const text = /Reservation expires at:\s*\[([^\]]{1,40})\]/.exec(line)?.[1];
  const date = new Date(text?.trim() ?? Number.NaN);
  return Number.isNaN(date.getTime()) ? undefined : date;
}

/** `MM:SS`, or `HH:MM:SS` from one hour on. */
export function clockText(seconds: number, { hours = seconds >= 3600 } = {}): string {
  const two = (value: number) => String(value).padStart(2, "0");
  const minutes = `${two(Math.floor(seconds / 60) % 60)}:${two(seconds % 60)}`;
  return hours ? `${two(Math.floor(seconds / 3600))}:${minutes}` : minutes;
}

/** `2 minutes 5 seconds`, with hours in front when there are any. */
export function durationText(seconds: number): string {
  const hours = Math.floor(seconds / 3600);
  const rest = `${Math.floor(seconds / 60) % 60} minutes ${seconds % 60} seconds`;
  return hours > 0 ? `${hours} hours ${rest}` : rest;
}
