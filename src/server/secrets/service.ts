import { invalid, PermissionDenied, Problem } from "../http/problem.ts";
import type { RequestContext } from "../http/request-context.ts";
import type { Caller } from "../http/caller.ts";
import { describeError, type Logger } from "../log/logger.ts";
import type { SecurityEventName, SecurityEvents } from "../log/security-events.ts";
import { type Secret, SecretRefused, type SecretsBackend, SecretsUnavailable } from "./backend.ts";
import { DEFAULT_LIFETIME } from "./schema.ts";

/** Seconds that a secret may live at the most: a hundred years, well within what dates can hold. */
const MAX_LIFETIME = 100 * 365 * 86_400;
/** Bytes of a value: what fits into a database document together with its surroundings. */
const MAX_VALUE = 15 * 1024 * 1024;

type SensitiveEvent = Extract<SecurityEventName, `sensitive_${string}`>;

const UPDATED = ["sensitive_update", "replaced"] as const;

const PATH = /^[a-zA-Z0-9_-]+(\/[a-zA-Z0-9_-]+)*$/;

export interface SecretsOptions {
  events: SecurityEvents;
  /** Null: this server keeps no secrets. */
  backend: SecretsBackend | null;
  now: () => Date;
  log: Logger;
}

/** The job whose agent is being told the secrets. */
export interface Delivery {
  readonly jobId: string;
  /** Until when the job may be handed out again because the answer got lost; absent: it may not. */
  readonly until?: Date;
  /** Of the agent's request, for the audit log. */
  readonly context?: RequestContext;
}

/** Secrets of clients: written by their owners, read by the jobs of their owners (server-api sections 5.5, 6.39, 6.40). */
export class SecretsService {
  constructor(private readonly options: SecretsOptions) {}

  get available(): boolean {
    return this.options.backend !== null;
  }

  /** Creates or replaces a secret of the caller; when it expires. */
  async put(
    caller: Caller,
    owner: string,
    path: string,
    secret: { value: string; ephemeral: boolean; expire_after?: number | null },
    context?: RequestContext,
  ): Promise<Date | null> {
    const backend = this.backend();
    assertOwn(caller, owner, "A login (known client_id) is required to securely storeinformation.");
    assertPath(path);
    const { value, ephemeral } = secret;
    if (Buffer.byteLength(value) > MAX_VALUE)
      throw invalid("json", { value: [`Longer than maximum length ${MAX_VALUE}.`] });
    const expiresAt = ephemeral ? null : this.expiry(secret.expire_after);
    const [known] = await asProblem(() => backend.existing(owner, [path]));
    await asProblem(() => backend.put(owner, path, { value, ephemeral, expiresAt }));
    const [name, done] = known === undefined ? (["sensitive_create", "created"] as const) : UPDATED;
    this.report(name, owner, path, `${owner} ${done} secret ${path}`, context);
    return expiresAt;
  }

  /** Deletes a secret of the caller. A missing one is not an error. */
  async delete(caller: Caller, owner: string, path: string, context?: RequestContext): Promise<void> {
    const backend = this.backend();
    assertOwn(caller, owner, "A login (known client_id) is required to securely store information.");
    assertPath(path);
    await asProblem(() => backend.delete(owner, path));
    this.report("sensitive_delete", owner, path, `${owner} deleted secret ${path}`, context);
  }

  /** Those of the paths that the owner has no secret under, sorted. */
  async inaccessible(owner: string, paths: readonly string[]): Promise<string[]> {
    const wanted = [...new Set(paths)];
    const backend = this.backend();
    const existing = new Set(await asProblem(() => backend.existing(owner, wanted)));
    return wanted.filter((path) => !existing.has(path)).sort();
  }

  /**
   * Variable -> path becomes variable -> value, `""` for what cannot be read: a job must not fail to start for it (server-api section 5.5).
   * Single-use secrets end here; within `until` the same job gets them again.
   */
  async resolve(
    owner: string,
    secrets: Readonly<Record<string, string>>,
    delivery: Delivery,
  ): Promise<Record<string, string>> {
    const values = new Map<string, string>();
    // One after the other: several variables may name one single-use secret.
    for (const path of new Set(Object.values(secrets))) values.set(path, await this.read(owner, path, delivery));
    return Object.fromEntries(Object.entries(secrets).map(([name, path]) => [name, values.get(path) ?? ""]));
  }

  private async read(owner: string, path: string, { jobId, until, context }: Delivery): Promise<string> {
    const { backend, log } = this.options;
    try {
      const secret =
        (await backend?.take(owner, path)) ?? (until && (await backend?.take(owner, kept(path, jobId)))) ?? null;
      if (secret === null) {
        log.warn("secret of a job is gone", { owner, path, job_id: jobId });
        return "";
      }
      if (secret.ephemeral && until) await this.keep(owner, path, secret, { jobId, until });
      const description = `Secret ${path} of ${owner} goes to the agent of job ${jobId}`;
      this.report("sensitive_read", owner, path, description, context);
      return secret.value;
    } catch (error) {
      log.error("secret of a job is not readable", { owner, path, job_id: jobId, ...describeError(error) });
      return "";
    }
  }

  /** A failure here must not cost the job the value that is at hand. */
  private async keep(
    owner: string,
    path: string,
    { value }: Secret,
    { jobId, until }: Required<Pick<Delivery, "jobId" | "until">>,
  ): Promise<void> {
    await this.options.backend
      ?.put(owner, kept(path, jobId), { value, ephemeral: false, expiresAt: until })
      .catch((error: unknown) =>
        this.options.log.warn("single-use secret is not kept for a repeated delivery", describeError(error)),
      );
  }

  /** Of where the secret is, never of its value. */
  private report(
    name: SensitiveEvent,
    owner: string,
    path: string,
    description: string,
    context: RequestContext | undefined,
  ): void {
    this.options.events.emit("INFO", name, [owner, `/v1/secrets/${owner}/${path}`], description, context);
  }

  private backend(): SecretsBackend {
    if (!this.options.backend) throw new Problem(400, "No secrets store");
    return this.options.backend;
  }

  private expiry(seconds: number | null | undefined): Date | null {
    if (seconds === null) return null;
    if (seconds !== undefined && seconds > MAX_LIFETIME)
      throw invalid("json", { expire_after: [`Must be less than or equal to ${MAX_LIFETIME}.`] });
    return new Date(this.options.now().getTime() + (seconds ?? DEFAULT_LIFETIME) * 1000);
  }
}

/** Where a single-use secret waits for a repeated delivery. Owners cannot write there: their paths have no dots. */
const kept = (path: string, jobId: string): string => `.delivered/${jobId}/${path}`;

/** Nobody but the owner, whatever the role. */
function assertOwn(caller: Caller, owner: string, anonymous: string): void {
  if (caller.clientId === null) throw new PermissionDenied(null, 401, anonymous);
  if (caller.clientId !== owner)
    throw new PermissionDenied(caller.clientId, 403, `'${owner}' doesn't match authenticated client id`);
}

function assertPath(path: string): void {
  if (!PATH.test(path))
    throw new Problem(
      422,
      `Invalid value '${path}', not a valid path. Use letters, digits, '-' and '_', in parts separated by single slashes.`,
    );
}

async function asProblem<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (cause) {
    if (cause instanceof SecretRefused)
      throw new Problem(400, cause.message, { cause, log: `secret refused: ${cause.reason}` });
    if (cause instanceof SecretsUnavailable)
      throw new Problem(503, "The secrets store is not reachable at the moment. Please try again.", {
        cause,
        log: `secrets store: ${cause.reason}`,
        headers: { "retry-after": "2" },
      });
    throw cause;
  }
}
