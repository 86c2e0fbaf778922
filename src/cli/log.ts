import type { Context } from "./context.ts";

/** Lines about what goes wrong on the way, on stderr; results and prompts belong on stdout (command-line section 2.6). */
export interface Log {
  /** @param source the module that speaks, shown before the message, for example `poll`. */
  error(source: string, message: string): void;
  warning(source: string, message: string): void;
  /** Shown only with `--debug`. */
  debug(source: string, message: string): void;
}

/** A log in the reference's form, `{LEVEL}: {date} {source} -- {message}`, dates in local time. */
export function createLog({ io, clock }: Pick<Context, "io" | "clock">, { debug = false } = {}): Log {
  const write = (level: string, source: string, message: string) =>
    io.stderr.write(`${level}: ${localTime(clock.now())} testflinger.${source} -- ${message}\n`);
  return {
    error: (source, message) => write("ERROR", source, message),
    warning: (source, message) => write("WARNING", source, message),
    debug: (source, message) => {
      if (debug) write("DEBUG", source, message);
    },
  };
}

/** `YYYY-MM-DD HH:MM:SS` in the zone of the machine. */
export function localTime(date: Date): string {
  const two = (value: number) => String(value).padStart(2, "0");
  const day = `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
  return `${day} ${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}`;
}
