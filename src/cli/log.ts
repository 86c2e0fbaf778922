import { createConsola, type ConsolaReporter, LogLevels } from "consola/core";
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
  const reporter: ConsolaReporter = {
    log: ({ type, tag, args }) =>
      io.stderr.write(
        `${LABELS[type] ?? "DEBUG"}: ${localTime(clock.now())} testflinger.${tag} -- ${args.join(" ")}\n`,
      ),
  };
  // The core alone: consola's own reporters would cost every command a fifth of its start.
  const consola = createConsola({
    level: debug ? LogLevels.debug : LogLevels.warn,
    reporters: [reporter],
    throttle: 0,
  });
  return {
    error: (source, message) => consola.withTag(source).error(message),
    warning: (source, message) => consola.withTag(source).warn(message),
    debug: (source, message) => consola.withTag(source).debug(message),
  };
}

const LABELS: Readonly<Record<string, string>> = { error: "ERROR", warn: "WARNING" };

/** `YYYY-MM-DD HH:MM:SS` in the zone of the machine. */
export function localTime(date: Date): string {
  const two = (value: number) => String(value).padStart(2, "0");
  const day = `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
  return `${day} ${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}`;
}
