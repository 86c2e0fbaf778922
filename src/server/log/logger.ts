/** Details of a log line; nothing secret belongs here. */
export type LogFields = Record<string, unknown>;

/** One JSON object per line, so that text from devices and people cannot forge lines. */
export interface Logger {
  info(message: string, fields?: LogFields): void;
  warn(message: string, fields?: LogFields): void;
  error(message: string, fields?: LogFields): void;
}

export type WriteLine = (line: string) => void;

export function jsonLogger(write: WriteLine, now: () => Date): Logger {
  const at =
    (level: string) =>
    (message: string, fields: LogFields = {}) =>
      write(JSON.stringify({ time: now().toISOString(), level, message, ...fields }));
  return { info: at("info"), warn: at("warning"), error: at("error") };
}

/** What may be said of an error in a log: its class, text and stack, never the whole object. */
export const describeError = (error: unknown): LogFields =>
  error instanceof Error
    ? {
        error: error.name,
        reason: error.message,
        stack: error.stack,
        ...(error.cause === undefined ? {} : { cause: String(error.cause) }),
      }
    : { error: "unknown", reason: String(error) };
