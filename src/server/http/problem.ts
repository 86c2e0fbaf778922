import type { FieldMessages } from "../../shared/validation/refused.ts";

/** How an error body is written: the JSON envelope, or the bare text that reference clients expect from some routes. */
export type ProblemForm = "envelope" | "text";

export interface ProblemOptions {
  /** `detail` of the envelope (server-api section 1.3). */
  detail?: Record<string, unknown>;
  /** For the log only; never reaches the caller. */
  log?: string;
  form?: ProblemForm;
  headers?: Record<string, string>;
  cause?: unknown;
}

/** An error raised on purpose: what the caller is told, apart from what the log is told. */
export class Problem extends Error {
  override readonly name: string = "Problem";
  readonly detail: Record<string, unknown>;
  readonly log: string | undefined;
  readonly form: ProblemForm;
  readonly headers: Record<string, string>;

  /** @param content the envelope's `message`; an object only where the reference sends one (server-api section 6.16) */
  constructor(
    readonly status: number,
    readonly content: string | Record<string, unknown>,
    options: ProblemOptions = {},
  ) {
    super(typeof content === "string" ? content : JSON.stringify(content), { cause: options.cause });
    this.detail = options.detail ?? {};
    this.log = options.log;
    this.form = options.form ?? "envelope";
    this.headers = options.headers ?? {};
  }
}

/** 401 or 403: who the caller is does not allow what was asked for. The audit log is told of each. */
export class PermissionDenied extends Problem {
  override readonly name = "PermissionDenied";

  /** @param who client id; null for nobody in particular */
  constructor(
    readonly who: string | null,
    status: 401 | 403,
    message: string,
  ) {
    super(status, message);
  }
}

/** 422: the body, the query or a header does not fit its schema. */
export const invalid = (where: "json" | "query" | "headers", messages: FieldMessages): Problem =>
  new Problem(422, "Validation error", { detail: { [where]: messages } });
