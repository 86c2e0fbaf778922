import { mkdir, mkdtemp, rename, rm } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { parseArgs } from "node:util";
import { VERSION } from "../src/shared/version.ts";

const ROOT = join(import.meta.dir, "..");

/** The executables, by name: where each begins, and what makes it load itself and tell its version. */
const PROGRAMS = {
  "testflinger-server": { entry: "src/server/main.ts", proof: "--version" },
  // The option is answered before the program is loaded, so it would prove next to nothing.
  testflinger: { entry: "src/cli/main.ts", proof: "version" },
} as const;

type Program = keyof typeof PROGRAMS;

/** Where the executables can run. The `musl` ones need libstdc++ and libgcc there. */
const TARGETS = [
  "bun-linux-x64",
  "bun-linux-arm64",
  "bun-linux-x64-musl",
  "bun-linux-arm64-musl",
  "bun-darwin-x64",
  "bun-darwin-arm64",
  "bun-windows-x64",
] as const satisfies readonly Bun.Build.CompileTarget[];

type Target = (typeof TARGETS)[number];

/** Path of an executable; those for other platforms carry their target in the name. */
function binaryPath(program: Program, target?: Target): string {
  const windows = target ? target.startsWith("bun-windows") : process.platform === "win32";
  const suffix = target ? target.replace(/^bun/, "") : "";
  return join(ROOT, "dist", `${program}${suffix}${windows ? ".exe" : ""}`);
}

/**
 * Compiles both programs, and runs those for this platform once: a compile with an error in its bytecode ends well and
 * leaves an executable that does not start.
 *
 * @returns the paths written
 * @throws Error that names the program and what is wrong with it
 */
export async function build(target?: Target): Promise<string[]> {
  await mkdir(join(ROOT, "dist"), { recursive: true });
  return Promise.all((Object.keys(PROGRAMS) as Program[]).map((program) => buildProgram(program, target)));
}

async function buildProgram(program: Program, target: Target | undefined): Promise<string> {
  const path = binaryPath(program, target);
  // The compiler leaves source maps beside the executable, which has them inside as well.
  const workshop = await mkdtemp(join(dirname(path), ".build-"));
  try {
    const outfile = join(workshop, basename(path));
    await compile(program, outfile, target);
    if (!target) await proveWhole(program, outfile);
    await rename(outfile, path);
  } finally {
    await rm(workshop, { recursive: true });
  }
  return path;
}

async function compile(program: Program, outfile: string, target: Target | undefined): Promise<void> {
  const { success, logs } = await Bun.build({
    entrypoints: [join(ROOT, PROGRAMS[program].entry)],
    root: ROOT,
    target: "bun",
    format: "esm",
    splitting: true,
    bytecode: true,
    sourcemap: "linked",
    // Not minified: Elysia reads the source text of handlers to learn what they use.
    minify: false,
    define: { "process.env.NODE_ENV": JSON.stringify("production") },
    compile: {
      outfile,
      ...(target ? { target } : {}),
      // Else whoever can write into the folder in which somebody starts the program runs code as them.
      autoloadDotenv: false,
      autoloadBunfig: false,
    },
    throw: false,
  });
  if (!success) throw new Error(`${program} does not compile:\n${logs.join("\n")}`);
}

async function proveWhole(program: Program, path: string): Promise<void> {
  const { proof } = PROGRAMS[program];
  const child = Bun.spawn([path, proof], { stdin: "ignore", stdout: "pipe", stderr: "pipe" });
  const [stdout, stderr, status] = await Promise.all([
    new Response(child.stdout).text(),
    new Response(child.stderr).text(),
    child.exited,
  ]);
  if (status !== 0 || stdout !== `${program} ${VERSION}\n` || stderr !== "")
    throw new Error(`${program} is broken: ${proof} ended with status ${status} and said:\n${stdout}${stderr}`);
}

function isTarget(text: string): text is Target {
  return (TARGETS as readonly string[]).includes(text);
}

async function main(): Promise<void> {
  const { values } = parseArgs({ options: { target: { type: "string", multiple: true } } });
  for (const target of values.target ?? [undefined]) {
    if (target !== undefined && !isTarget(target))
      throw new Error(`--target must be one of ${TARGETS.join(", ")}, not ${target}`);
    for (const path of await build(target)) console.log(`${path}  ${(Bun.file(path).size / 2 ** 20).toFixed(0)} MiB`);
  }
}

if (import.meta.main) {
  await main().catch((error: unknown) => {
    console.error(error instanceof Error ? error.message : String(error));
    process.exit(1);
  });
}
