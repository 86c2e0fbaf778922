import type { RequestContext } from "../http/request-context.ts";

/** Secrets as jobs use them (server-api section 5.5). */
export interface JobSecrets {
  /** Is there a store for secrets at all? */
  readonly available: boolean;
  /** Those of the paths that the owner has no secret under, sorted. */
  inaccessible(owner: string, paths: readonly string[]): Promise<string[]>;
  /**
   * Environment variable -> value; `""` for what cannot be read. Reading ends single-use secrets, but a job that is handed out again within `until`
   * gets them again.
   */
  resolve(
    owner: string,
    secrets: Readonly<Record<string, string>>,
    delivery: { readonly jobId: string; readonly until?: Date; readonly context?: RequestContext },
  ): Promise<Record<string, string>>;
}
