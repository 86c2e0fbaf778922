import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { LoggedError } from "../../../src/cli/errors.ts";
import { plain } from "../../../src/cli/format/json-value.ts";
import { readJobFile } from "../../../src/cli/job-file/read.ts";
import { World } from "../support/world.ts";

let world: World;
beforeEach(() => void (world = new World({ input: ["job_queue: stdin"] })));
afterEach(() => world[Symbol.dispose]());

describe("readJobFile", () => {
  test("reads a file; its folder is where the paths of attachments begin", async () => {
    mkdirSync(join(world.home, "jobs"));
    writeFileSync(join(world.home, "jobs/job.yaml"), "job_queue: q");
    const { job, folder } = await readJobFile("jobs/job.yaml", world.context);
    expect(plain(job)).toEqual({ job_queue: "q" });
    expect(folder).toBe(join(world.home, "jobs"));
  });

  test("reads standard input for -; paths begin in the current folder", async () => {
    const { job, folder } = await readJobFile("-", world.context);
    expect(plain(job)).toEqual({ job_queue: "stdin" });
    expect(folder).toBe(world.home);
  });

  test("leaves out bytes that are not UTF-8, and keeps a replacement character that is", async () => {
    writeFileSync(
      join(world.home, "broken.yaml"),
      Buffer.from([...Buffer.from("a: x"), 0xff, 0xc3, ...Buffer.from("y")]),
    );
    writeFileSync(join(world.home, "fine.yaml"), "a: x\ufffdy");
    expect(plain((await readJobFile("broken.yaml", world.context)).job)).toEqual({ a: "xy" });
    expect(plain((await readJobFile("fine.yaml", world.context)).job)).toEqual({ a: "x\ufffdy" });
  });

  test.each(["missing.yaml", "."])("says that %s cannot be read, and why", async (file) => {
    const error = await readJobFile(file, world.context).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(LoggedError);
    expect((error as Error).message).toMatch(new RegExp(`^Cannot read file ${RegExp.escape(file)}: .+ \\(E\\w+\\)$`));
  });
});
