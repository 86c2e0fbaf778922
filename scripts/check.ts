import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { chromiumPath } from "../test/support/chromium-path.ts";
import { installedShells, SHELLS } from "../test/support/shells.ts";

const ROOT = join(import.meta.dir, "..");
const SOURCES = ["src", "test", "scripts"];
const BUN = process.execPath;

/** What has to end well besides the tests; each counts as one check. */
const STEPS: Readonly<Record<string, readonly string[]>> = {
  types: [BUN, "check", "--no-script"],
  lint: [BUN, "x", "--no-install", "oxlint", "--deny-warnings", ...SOURCES],
  format: [BUN, "fmt", "--no-script", "--check", ...SOURCES],
  build: [BUN, "scripts/build.ts"],
};

/** Milliseconds for one test. Nothing waits for this long: it is for machines where everything else is slow, too. */
const TEST_TIMEOUT = 120_000;

interface Tally {
  readonly passed: number;
  readonly failed: number;
}

const sum = (tallies: readonly Tally[]): Tally => ({
  passed: tallies.reduce((total, { passed }) => total + passed, 0),
  failed: tallies.reduce((total, { failed }) => total + failed, 0),
});

/** Runs a step; its output is of interest only when it fails. */
async function runStep(name: string, command: readonly string[]): Promise<Tally> {
  const started = performance.now();
  const child = Bun.spawn([...command], { cwd: ROOT, stdin: "ignore", stdout: "pipe", stderr: "pipe" });
  const [stdout, stderr, status] = await Promise.all([
    new Response(child.stdout).text(),
    new Response(child.stderr).text(),
    child.exited,
  ]);
  const seconds = ((performance.now() - started) / 1000).toFixed(1);
  console.log(`${name.padEnd(8)} ${status === 0 ? "ok" : "FAILED"} (${seconds} s)`);
  if (status === 0) return { passed: 1, failed: 0 };
  console.log(stdout + stderr);
  return { passed: 0, failed: 1 };
}

/** Runs every test; a run that ends badly without a failed test (a file that does not load) counts as one failure. */
async function runTests(options: readonly string[]): Promise<Tally> {
  const folder = await mkdtemp(join(tmpdir(), "testflinger-check-"));
  try {
    const report = join(folder, "junit.xml");
    const child = Bun.spawn(
      [
        BUN,
        "test",
        "--parallel",
        `--timeout=${TEST_TIMEOUT}`,
        ...options,
        "--only-failures",
        "--reporter=junit",
        `--reporter-outfile=${report}`,
      ],
      // Whatever a test that broke off leaves behind is removed with the folder.
      { cwd: ROOT, env: { ...process.env, TMPDIR: folder }, stdin: "ignore", stdout: "inherit", stderr: "inherit" },
    );
    const status = await child.exited;
    const file = Bun.file(report);
    const { tests, failures, skipped } = totals((await file.exists()) ? await file.text() : "");
    if (skipped > 0) console.log(`${skipped} tests were skipped`);
    return { passed: tests - failures - skipped, failed: failures || (status === 0 ? 0 : 1) };
  } finally {
    await rm(folder, { recursive: true });
  }
}

/** The totals of a JUnit report stand in its outermost element. */
function totals(report: string): { tests: number; failures: number; skipped: number } {
  const element = /<testsuites [^>]*>/.exec(report)?.[0] ?? "";
  const count = (name: string) => Number(new RegExp(` ${name}="(\\d+)"`).exec(element)?.[1] ?? 0);
  return { tests: count("tests"), failures: count("failures"), skipped: count("skipped") };
}

const hasBrowser = chromiumPath() !== undefined;
const steps = await Promise.all(Object.entries(STEPS).map(([name, command]) => runStep(name, command)));
// The end-to-end tests run what the build step made.
const tests = await runTests(hasBrowser ? [] : ["--path-ignore-patterns=test/e2e/web/**"]);
console.log(
  process.env.TEST_MONGODB_URI
    ? "Stores tested: SQLite and MongoDB"
    : "Stores tested: SQLite; set TEST_MONGODB_URI to test MongoDB as well",
);
console.log(
  hasBrowser
    ? "Pages tested in Chromium"
    : "Pages not tested in a browser; install Chromium, or set CHROMIUM to its path, to do so",
);
const missingShells = SHELLS.filter((shell) => !installedShells().includes(shell));
console.log(
  missingShells.length === 0
    ? `Completion tested in ${SHELLS.join(", ")}`
    : `Completion tested in ${installedShells().join(", ")}; install ${missingShells.join(" and ")} to test it there as well`,
);
const { passed, failed } = sum([...steps, tests]);
console.log(`\n${passed} passed, ${failed} failed`);
process.exit(failed === 0 ? 0 : 1);
