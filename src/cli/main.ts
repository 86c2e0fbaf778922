import { VERSION } from "../shared/version.ts";

// The version is answered before the program is loaded: scripts ask for it, and it takes half the time this way.
if (process.argv.length === 3 && process.argv[2] === "--version") console.log(`testflinger ${VERSION}`);
else if (process.env._ARGCOMPLETE) {
  const { answerShell } = await import("./completion/shell.ts");
  await answerShell();
} else {
  const { main } = await import("./program.ts");
  const { processContext } = await import("./runtime/context.ts");
  process.exit(await main(process.argv.slice(2), process.argv0, processContext()));
}
