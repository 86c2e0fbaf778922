import { describe, expect, test } from "bun:test";
import {
  clockText,
  durationText,
  isProvisioningNoise,
  messageOf,
  reservationEnd,
} from "../../../src/cli/poll/status.ts";

test.each<[number, string]>([
  [0, "00:00"],
  [59, "00:59"],
  [61, "01:01"],
  [3599, "59:59"],
  [3600, "01:00:00"],
  [90_061, "25:01:01"],
])("%d seconds are %s on the clock", (seconds, text) => expect(clockText(seconds)).toBe(text));

test.each<[number, string]>([
  [0, "0 minutes 0 seconds"],
  [20, "0 minutes 20 seconds"],
  [125, "2 minutes 5 seconds"],
  [3723, "1 hours 2 minutes 3 seconds"],
  [90_000, "25 hours 0 minutes 0 seconds"],
])("a state that lasted %d seconds lasted %s", (seconds, text) => expect(durationText(seconds)).toBe(text));

test.each([
  ["waiting", "Waiting on a node to become available..."],
  ["running", "Waiting for deployment to finish..."],
  ["provision", "Provisioning device..."],
  ["test", "Waiting on output..."],
  ["constructor", "Waiting on output..."],
])("the status message of %s", (state, message) => expect(messageOf(state)).toBe(message));

test.each<[string, boolean]>([
  ["2026-11-23 INFO: 3 minute(s) passed since deployment.", true],
  ["2026-11-23 INFO: 3 minute(s) passed since deployment.\r\n", true],
  ["3 minute(s) passed since deployment.", false],
  ["INFO: 3 minute(s) passed since deployment. Failed", false],
])("%p is noise: %p", (line, noise) => expect(isProvisioningNoise(line)).toBe(noise));

describe("the end of a reservation", () => {
  test("is read from its log", () => {
    const line = "Reservation expires at: [2026-11-23T12:00:00+00:00]\n";
    expect(reservationEnd(line)?.toISOString()).toBe("2026-11-23T12:00:00.000Z");
  });

  test.each(["Reservation expires at: [soon]", "Reservation expires at: []", "You can now connect"])(
    "is not known from %p",
    (line) => expect(reservationEnd(line)).toBeUndefined(),
  );
});
