import { chmodSync, existsSync, readFileSync, rmSync, statSync, truncateSync } from "node:fs";
import { dirname, join } from "node:path";
import type { ServerUrl } from "../api/server-url.ts";
import { setValue } from "../config/ini-edit.ts";
import { IniSyntaxError, parseIni } from "../config/ini.ts";
import { sectionValues } from "../config/ini-values.ts";
import type { Clock } from "../context.ts";
import { CliError } from "../errors.ts";
import { replaceFile } from "../files/atomic.ts";
import { LockTimeout, withLock } from "../files/lock.ts";
import { fileReason } from "../files/reason.ts";
import { loginFolders } from "./login-slot.ts";

/** A login that outlives the program. */
export interface StoredLogin {
  readonly clientId: string;
  readonly refreshToken: string;
}

/** The folder of the login cannot be written, so there is neither a lock nor anything to protect. */
export class LockUnavailable extends Error {
  override readonly name = "LockUnavailable";
}

const FILE = "auth.conf";
const SECTION = "AUTH";

/** Longer than anything that is done under the lock: two requests to a server that does not answer. */
const LOCK_TIMEOUT_MS = 45_000;

/**
 * The stored login of one server: `testflinger-cli/{host}/auth.conf` (cli section 5.6), which the reference reads and
 * writes too. Our files also name the server, which the reference ignores, so that a login is not sent to another server
 * on the same host.
 */
export class LoginStore {
  readonly #shared: string;
  readonly #own: string;

  constructor(
    configHome: string,
    private readonly server: ServerUrl,
    private readonly clock: Clock,
  ) {
    const { shared, own } = loginFolders(configHome, server);
    this.#shared = join(shared, FILE);
    this.#own = join(own, FILE);
  }

  /** The file that holds the login, or would. */
  get file(): string {
    if (existsSync(this.#own)) return this.#own;
    return this.#belongsElsewhere(this.#shared) ? this.#own : this.#shared;
  }

  /** Is there anything stored? */
  get exists(): boolean {
    return existsSync(this.file);
  }

  /**
   * The login; undefined when there is none.
   *
   * @throws {CliError} naming the file when it cannot be read or understood
   */
  read(): StoredLogin | undefined {
    return this.#read(this.file);
  }

  /**
   * Replaces the login; to be called within `exclusively`.
   *
   * @throws the file system's error
   * @throws {UnwritableSetting} when the file could not hold the values
   */
  async write({ clientId, refreshToken }: StoredLogin): Promise<void> {
    const values = { client_id: clientId, refresh_token: refreshToken, server: this.server.base };
    const text = Object.entries(values).reduce((file, [key, value]) => setValue(file, SECTION, key, value), "");
    const { file } = this;
    await replaceFile(file, text);
    closeToOthers(file);
  }

  /** Forgets the login; with `login`, only if it is still that one. To be called within `exclusively`. */
  forget(login?: StoredLogin): void {
    const { file } = this;
    if (login && this.#read(file)?.refreshToken !== login.refreshToken) return;
    try {
      rmSync(file, { force: true });
    } catch {
      // A folder that refuses removal may still let the content go.
      truncateSync(file);
    }
  }

  /**
   * Runs `work` while no other process changes this login. Refreshing without it would let two processes rotate the same
   * token, which looks like theft to the server and logs the user out.
   *
   * @throws {CliError} when another process does not let go
   * @throws {LockUnavailable} when there can be no lock; `work` has not run in either case
   */
  async exclusively<T>(work: () => Promise<T>): Promise<T> {
    const { file } = this;
    let entered = false;
    const enter = () => {
      entered = true;
      return work();
    };
    try {
      return await withLock(file, enter, { clock: this.clock, timeoutMs: LOCK_TIMEOUT_MS });
    } catch (error) {
      if (entered) throw error;
      if (error instanceof LockTimeout) throw new CliError(error.message, 1, { cause: error });
      throw new LockUnavailable(fileReason(error), { cause: error });
    }
  }

  #read(file: string): StoredLogin | undefined {
    const values = readSection(file);
    const clientId = values.get("client_id");
    const refreshToken = values.get("refresh_token");
    return clientId && refreshToken ? { clientId, refreshToken } : undefined;
  }

  /** Does the file name another server of the host? A file that cannot be read is ours to complain about, and to replace. */
  #belongsElsewhere(file: string): boolean {
    try {
      const server = readSection(file).get("server");
      return server !== undefined && server !== this.server.base;
    } catch {
      return false;
    }
  }
}

function readSection(file: string): Map<string, string> {
  try {
    closeToOthers(file);
    return sectionValues(parseIni(readFileSync(file, "utf8")), SECTION);
  } catch (error) {
    if (error instanceof IniSyntaxError) {
      throw new CliError(`${file}:${error.line}: ${error.reason}. Delete the file to start over.`, 1, { cause: error });
    }
    const { code, message } = error as NodeJS.ErrnoException;
    if (code === "ENOENT" || code === "ENOTDIR") return new Map();
    throw new CliError(`Cannot read the stored login in ${file}: ${message}`, 1, { cause: error });
  }
}

/** The reference makes file and folder readable for everyone (W10). */
function closeToOthers(file: string): void {
  for (const path of [file, dirname(file)]) {
    const { mode } = statSync(path);
    if ((mode & 0o077) === 0) continue;
    try {
      chmodSync(path, mode & 0o700);
    } catch {
      // Somebody else's file, or one on a read-only disk: reading it is still what the user wants.
    }
  }
}
