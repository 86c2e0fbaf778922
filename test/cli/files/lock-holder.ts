import { withLock } from "../../../src/cli/files/lock.ts";

const clock = { now: () => new Date(), elapsed: () => performance.now(), sleep: (ms: number) => Bun.sleep(ms) };
await withLock(
  process.argv[2]!,
  async () => {
    console.log("held");
    await Bun.stdin.text();
  },
  { clock },
);
