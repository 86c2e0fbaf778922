import { answersAtOnce } from "./quick-answer.ts";

const words = process.argv.slice(2);
if (process.env._ARGCOMPLETE) {
  const { answerShell } = await import("./completion/shell.ts");
  await answerShell();
} else if (!(await answersAtOnce(words, process.argv0, process.env))) {
  const { main } = await import("./program.ts");
  const { processContext } = await import("./runtime/context.ts");
  process.exit(await main(words, process.argv0, processContext()));
}
