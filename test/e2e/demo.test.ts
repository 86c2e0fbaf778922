import { expect, test } from "bun:test";
import { mkdirSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { logInDevice } from "../../scripts/demo/person.ts";
import { temporaryFolder } from "./support/temporary-folder.ts";
import { Screen } from "./support/screen.ts";

/** A home, and the folder for temporary files in it; Bun keeps a cache in the home. */
function environmentIn(home: string): { env: Record<string, string | undefined>; temporary: string } {
  const temporary = join(home, "tmp");
  mkdirSync(temporary);
  return { env: { PATH: process.env.PATH, HOME: home, TMPDIR: temporary, TERM: "xterm" }, temporary };
}

const DEMO = join(import.meta.dir, "..", "..", "scripts", "demo.ts");

test("bun run demo --yes --once logs in, runs the sample job, shows its results, and leaves nothing behind", async () => {
  await using home = await temporaryFolder();
  const { env, temporary } = environmentIn(home.path);
  const child = Bun.spawn([process.execPath, DEMO, "--yes", "--once"], {
    env,
    stdin: "ignore",
    stdout: "pipe",
    stderr: "pipe",
  });
  const [stdout, stderr, status] = await Promise.all([
    new Response(child.stdout).text(),
    new Response(child.stderr).text(),
    child.exited,
  ]);
  expect({ status, stdout, stderr }).toMatchObject({ status: 0 });
  expect(stderr).toMatch(/Please visit http:\/\/127\.0\.0\.1:\d+\/device and enter code [A-Z]{4}-[A-Z]{4} to login\./);
  expect(stdout).toContain("$ testflinger login");
  expect(stdout).toContain("Successfully authenticated as 'ada@example.com'");
  expect(stdout).toContain("Job submitted successfully!");
  expect(stdout).toContain('"job_state": "complete"');
  expect(stdout).toContain('"test_status": 0');
  expect(readdirSync(temporary)).toEqual([]);
}, 20_000);

test("bun run demo waits for the person to log in, goes on until Ctrl-C, and then stops what it started", async () => {
  await using home = await temporaryFolder();
  const { env, temporary } = environmentIn(home.path);
  const screen = new Screen();
  const child = Bun.spawn([process.execPath, DEMO], {
    env,
    terminal: { cols: 120, rows: 60, data: (_, bytes) => screen.add(bytes), exit: () => screen.end() },
  });
  const [, password = ""] = await screen.shows(/for this password: (\S+)\n/);
  const [, page = ""] = await screen.shows(/Or open (\S+) and check/);
  await logInDevice(page, "grace", password);
  await screen.shows("Successfully authenticated as 'grace@example.com'");
  await screen.shows("Press Ctrl-C");
  const [, url = ""] = await screen.shows(/The server is on (http:\S+)/);
  expect((await fetch(`${url}/healthz`)).status).toBe(200);

  child.terminal?.write("\u0003");
  expect(await child.exited).toBe(0);
  await expect(fetch(`${url}/healthz`)).rejects.toThrow();
  expect(readdirSync(temporary)).toEqual([]);
}, 20_000);
