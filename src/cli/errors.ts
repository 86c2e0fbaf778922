/**
 * A failure that the program reports as one message on stderr before it ends. Throw it from anywhere below a command;
 * only `program.ts` turns it into output and an exit status (command-line section 2.5).
 */
export class CliError extends Error {
  override readonly name: string = "CliError";

  constructor(
    message: string,
    readonly exitCode: number = 1,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}

/** A wrong command line: printed below a usage block, exit status 2 (command-line section 2.4). */
export class UsageError extends CliError {
  override readonly name = "UsageError";

  /** @param command the words of the sub-command whose usage is shown; none means the program's own. */
  constructor(
    message: string,
    readonly command: readonly string[] = [],
  ) {
    super(message, 2);
  }
}

/** A failure that the reference writes as an ERROR log line before it ends with status 1. */
export class LoggedError extends CliError {
  override readonly name = "LoggedError";

  /** @param source the module that speaks, as in `Log.error`. */
  constructor(
    readonly source: string,
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, 1, options);
  }
}

/** A failure whose message goes to stdout, where the reference writes it and scripts look for it. */
export class StdoutError extends CliError {
  override readonly name = "StdoutError";
}
