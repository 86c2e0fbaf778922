import { DurationError, parseDuration } from "../../shared/text/duration.ts";
import type { Reader } from "./command.ts";
import { ValueError } from "./values.ts";

/** Seconds of `5400`, `90m` or `2h30m`. */
export const duration: Reader<number> = (text) => {
  try {
    return parseDuration(text);
  } catch (error) {
    if (!(error instanceof DurationError)) throw error;
    throw new ValueError(`invalid int value: '${text}' is neither a number of seconds nor a duration such as 2h30m`);
  }
};
