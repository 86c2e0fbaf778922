export interface ShellOptions {
  readonly cwd: string;
  readonly env: Record<string, string | undefined>;
  /** Ends the commands and whatever they started. */
  readonly signal: AbortSignal;
}

/**
 * Runs a job's commands as a shell script.
 *
 * @param onText gets what they print, both streams in order, as it comes
 * @returns exit code; 128 and the signal's number when they were ended by one, as shells count
 */
export async function runShell(
  script: string,
  { cwd, env, signal }: ShellOptions,
  onText: (text: string) => Promise<void>,
): Promise<number> {
  const shell = Bun.which("bash") ?? "/bin/sh";
  const child = Bun.spawn([shell, "-c", 'exec "$0" -c "$1" 2>&1', shell, script], {
    cwd,
    env,
    stdin: "ignore",
    stdout: "pipe",
    // A process group of its own: what the script leaves behind ends with it.
    detached: true,
  });
  const end = () => endGroup(child.pid);
  signal.addEventListener("abort", end);
  if (signal.aborted) end();
  try {
    for await (const text of child.stdout.pipeThrough(new TextDecoderStream())) await onText(text);
    return await child.exited;
  } finally {
    signal.removeEventListener("abort", end);
    end();
  }
}

function endGroup(leader: number): void {
  try {
    process.kill(-leader, "SIGTERM");
  } catch (error) {
    // Nobody is left in it.
    if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error;
  }
}
