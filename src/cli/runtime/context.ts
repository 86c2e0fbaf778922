import type { Context, IO } from "../context.ts";
import { browserOpener } from "./browser.ts";
import { systemClock } from "./clock.ts";
import { processInput } from "./input.ts";
import { listenOnLoopback } from "./loopback.ts";
import { MessagesAboveFooter } from "./message-output.ts";
import { ProcessOutput } from "./output.ts";

/** The world of the running process. */
export function processContext(): Context {
  const env = process.env;
  return {
    io: processIO(env),
    clock: systemClock,
    random: Math.random,
    env,
    cwd: process.cwd(),
    fetch: (input, init) => fetch(input, init),
    openBrowser: browserOpener(env, process.platform),
    listenOnLoopback,
  };
}

function processIO(env: Context["env"]): IO {
  const stdout = new ProcessOutput(1, env);
  const stderr = new MessagesAboveFooter(new ProcessOutput(2, env));
  const listeners = new Set<() => void>();
  const interrupt = () => {
    if (listeners.size === 0) {
      stderr.write("Received KeyboardInterrupt\n");
      process.exit(1);
    }
    // A listener may remove itself while the set is walked.
    for (const listener of Array.from(listeners)) listener();
  };
  process.on("SIGINT", interrupt);
  return {
    stdout,
    stderr,
    stdin: processInput(interrupt),
    onInterrupt: (listener) => {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
  };
}
