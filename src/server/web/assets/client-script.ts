import { join } from "node:path";

/**
 * The script of the pages (`../client`) as one file. Called as a macro, so that the executable holds the finished text. A macro may not bundle
 * by itself, since it is run by the bundler.
 */
export function clientScript(): string {
  const entry = join(import.meta.dir, "..", "client", "main.ts");
  const bundler = Bun.spawnSync([process.execPath, "build", entry, "--target=browser", "--minify"]);
  if (!bundler.success) throw new Error(`The script of the pages does not bundle:\n${bundler.stderr}`);
  return bundler.stdout.toString();
}
