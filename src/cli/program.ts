import { VERSION } from "../shared/version.ts";
import { isUnauthorized } from "./api/errors.ts";
import { howToLogIn } from "./auth/how-to-log-in.ts";
import { COMMANDS } from "./commands/index.ts";
import type { Context } from "./context.ts";
import { CliError, LoggedError, StdoutError, UsageError } from "./errors.ts";
import { type Entry, nodeAt } from "./grammar/command.ts";
import { type Invocation, type ProgramOptions, readCommandLine } from "./grammar/command-line.ts";
import { createLog } from "./log.ts";
import { programName } from "./program-name.ts";
import { OutputClosed } from "./runtime/output.ts";

type Commands = Readonly<Record<string, Entry>>;

/**
 * Runs the program and gives its exit status: the only place where a status is decided (command-line section 2.5).
 * @param words the arguments after the program's name
 * @param startedAs path or name of the executable, `process.argv0`
 */
export async function main(
  words: readonly string[],
  startedAs: string,
  context: Context,
  commands: Commands = COMMANDS,
): Promise<number> {
  const program = new Program(programName(startedAs), context, commands);
  try {
    await program.run(await readCommandLine(words, commands));
    return 0;
  } catch (error) {
    return await program.report(error);
  }
}

/** Help, usage and session are loaded when needed: `--version` must not wait for them. */
class Program {
  constructor(
    private readonly name: string,
    private readonly context: Context,
    private readonly commands: Commands,
  ) {}

  async run(invocation: Invocation): Promise<void> {
    const { stdout } = this.context.io;
    switch (invocation.kind) {
      case "version":
        return stdout.write(`testflinger ${VERSION}\n`);
      case "help":
        return stdout.write(await this.help(invocation.path));
      case "nothing":
        // A wrong server setting is told even here, as in the reference (command-line section 2.4).
        await this.openSession(invocation.program, {}, true);
        return stdout.write(`${await this.help([])}\n`);
      case "run": {
        const { command, options, program } = invocation;
        const session = await this.openSession(program, options, command.needsServer);
        await command.run({ args: options, data: session });
      }
    }
  }

  private async openSession(programOptions: ProgramOptions, options: Record<string, unknown>, needsServer: boolean) {
    const { openSession } = await import("./session.ts");
    return openSession({ context: this.context, program: this.name, programOptions, options, needsServer });
  }

  private async help(path: readonly string[]): Promise<string> {
    const { helpPage, renderHelp } = await import("./grammar/help.ts");
    const page = helpPage(this.name, path, await nodeAt(path, this.commands), this.commands);
    return renderHelp(page, this.context.io.stdout);
  }

  /** Turns whatever ended a command into output and an exit status. */
  async report(error: unknown): Promise<number> {
    const { stdout, stderr } = this.context.io;
    if (error instanceof OutputClosed) return 1;
    if (error instanceof UsageError) await this.reportUsage(error);
    else if (error instanceof StdoutError) stdout.write(`${error.message}\n`);
    else if (error instanceof LoggedError) createLog(this.context).error(error.source, error.message);
    else if (error instanceof CliError) stderr.write(`${error.message}\n`);
    else stderr.write(`${this.name}: internal error: ${error instanceof Error ? error.stack : String(error)}\n`);
    if (isUnauthorized(error)) stderr.write(howToLogIn(this.name));
    return error instanceof CliError ? error.exitCode : 1;
  }

  private async reportUsage({ command: path, message }: UsageError) {
    const { stderr } = this.context.io;
    const { helpPage, renderUsage } = await import("./grammar/help.ts");
    const page = helpPage(this.name, path, await nodeAt(path, this.commands), this.commands);
    stderr.write(`${renderUsage(page, stderr)}${[this.name, ...path].join(" ")}: error: ${message}\n`);
  }
}
