import { VERSION } from "../shared/version.ts";
import { ConfigError, loadConfig } from "./config.ts";
import { serverHelp } from "./help.ts";
import { serve } from "./serve.ts";

type Environment = Readonly<Record<string, string | undefined>>;

const writeOut = (text: string): void => void process.stdout.write(text);
const writeError = (text: string): void => void process.stderr.write(text);

/** Runs `testflinger-server` with its arguments; the exit status. 2 is a wrong command line or configuration, 1 any other failure. */
export async function main(args: readonly string[], env: Environment): Promise<number> {
  const [command, ...rest] = args;
  switch (command) {
    case undefined:
      return reporting(() => runServer(env));
    case "-h":
    case "--help":
    case "help":
      writeOut(serverHelp());
      return 0;
    case "--version":
    case "version":
      writeOut(`testflinger-server ${VERSION}\n`);
      return 0;
    case "healthcheck": {
      const { healthcheck } = await import("./healthcheck.ts");
      const status = await reporting(async () => {
        const { host, port } = loadConfig(env);
        return healthcheck(host, port, writeError);
      });
      // Container engines know 0 and 1 only.
      return status === 0 ? 0 : 1;
    }
    case "admin": {
      const { runAdmin } = await import("./admin/run.ts");
      return reporting(() => runAdmin(rest, env));
    }
    default:
      writeError(`testflinger-server: unknown command '${command}'. See testflinger-server --help.\n`);
      return 2;
  }
}

/** Failures that an operator can mend are one message; only the unexpected shows where it happened. */
async function reporting(run: () => Promise<number>): Promise<number> {
  try {
    return await run();
  } catch (error) {
    if (error instanceof ConfigError) {
      writeError(
        `testflinger-server: the configuration is not usable:\n${error.problems.map((problem) => `  ${problem}\n`).join("")}`,
      );
      return 2;
    }
    writeError(`testflinger-server: ${error instanceof Error ? error.message : String(error)}\n`);
    return 1;
  }
}

async function runServer(env: Environment): Promise<number> {
  const { promise: stop, resolve } = Promise.withResolvers<void>();
  process.once("SIGTERM", resolve);
  process.once("SIGINT", resolve);
  // Whoever reads what the server says may leave (`| head`); the server stays.
  for (const stream of [process.stdout, process.stderr]) stream.on("error", () => {});
  await serve({
    env,
    say: (line) => writeOut(`${line}\n`),
    write: (line) => writeError(`${line}\n`),
    stop,
    now: () => new Date(),
  });
  return 0;
}
