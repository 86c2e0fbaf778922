import { existsSync } from "node:fs";
import { join } from "node:path";

const DIST = join(import.meta.dir, "..", "..", "dist");

function binary(name: string): string {
  const path = join(DIST, name);
  if (!existsSync(path)) throw new Error(`${path} is missing. Make it with: bun run build`);
  return path;
}

/** The compiled programs that `bun run build` makes. */
export const serverBinary = (): string => binary("testflinger-server");
export const cliBinary = (): string => binary("testflinger");
