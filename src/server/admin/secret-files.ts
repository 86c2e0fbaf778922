import { open, rename, rm } from "node:fs/promises";
import { Refusal, type SecretFiles } from "./operator.ts";

/** Files with credentials on this machine's disk. */
export const secretFiles: SecretFiles = {
  async write(path, replace, make) {
    // The name is taken at once, so that two commands do not share it. What replaces an old file takes its place when it is whole.
    const draft = replace ? `${path}.${process.pid}.new` : path;
    const file = await open(draft, "wx", 0o600).catch((error: NodeJS.ErrnoException) => {
      const reason = error.code === "EEXIST" ? "it exists already" : error.message;
      throw new Refusal(`the file ${draft} cannot be written: ${reason}`);
    });
    try {
      await file.writeFile(await make());
      await file.sync();
      if (replace) await rename(draft, path);
    } catch (error) {
      await rm(draft, { force: true });
      throw error;
    } finally {
      await file.close();
    }
  },
};
