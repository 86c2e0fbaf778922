import { randomBytes } from "node:crypto";
import { chmod, link, mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";

/**
 * The signing key of an installation that was given none: made once, kept in the data directory for its owner only. Linking a complete file into
 * place lets two first starts agree on one key.
 */
export async function keptSigningKey(directory: string): Promise<Uint8Array> {
  const path = join(directory, "jwt-signing-key");
  await mkdir(directory, { recursive: true, mode: 0o700 });
  const known = await readFile(path).catch(missing);
  if (known) return checked(known, path);
  const draft = `${path}.${randomBytes(6).toString("hex")}`;
  await writeFile(draft, randomBytes(48).toString("base64"), { mode: 0o600, flag: "wx" });
  try {
    await link(draft, path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
  } finally {
    await rm(draft);
  }
  await chmod(path, 0o600);
  return checked(await readFile(path), path);
}

function missing(error: NodeJS.ErrnoException): undefined {
  if (error.code !== "ENOENT") throw error;
  return undefined;
}

function checked(key: Uint8Array, path: string): Uint8Array {
  if (key.length < 32)
    throw new Error(
      `${path} is damaged: a signing key has at least 32 bytes. Remove the file to get a new key; everybody has to log in again.`,
    );
  return key;
}
