import type { Static, TSchema } from "@sinclair/typebox";
import type { Role } from "../../shared/roles.ts";
import type { SecurityEventName } from "../log/security-events.ts";
import type { Caller } from "./caller.ts";
import type { Examples } from "./example.ts";
import type { Problem } from "./problem.ts";
import type { RequestContext } from "./request-context.ts";

/** Who may call a route: everybody, with the reason why that is safe, or the roles in the order in which a refusal names them. */
export type Access = { readonly open: string } | { readonly roles: readonly Role[] };

/** Role lists of server-api section 3. */
export const PEOPLE: Access = { roles: ["admin", "manager", "contributor"] };
export const PEOPLE_AND_AGENTS: Access = { roles: ["admin", "manager", "contributor", "agent"] };
export const AGENTS: Access = { roles: ["agent"] };
export const LAB: Access = { roles: ["admin", "manager", "agent"] };
export const MANAGERS: Access = { roles: ["admin", "manager"] };
export const ADMINS: Access = { roles: ["admin"] };

/** JSON of a form; or the error envelope, plain text, or another media type by name. */
export type BodyText = TSchema | "error" | "text" | `${string}/${string}`;

/** What the API description says of an answer. */
export interface ResponseText {
  readonly description: string;
  /** One form, or all that there may be. Absent: the error envelope for an error, else no body. */
  readonly body?: BodyText | readonly BodyText[];
}

export type Method = "GET" | "POST" | "PUT" | "PATCH" | "DELETE";

type ParameterNames<Path extends string> = Path extends `${string}:${infer Rest}`
  ? Rest extends `${infer Name}/${infer Tail}`
    ? Name | ParameterNames<Tail>
    : Rest
  : never;

export interface Input<Path extends string, Query, Body, Headers = never> {
  readonly params: Readonly<Record<ParameterNames<Path> | (Path extends `${string}*` ? "*" : never), string>>;
  readonly query: Query;
  readonly body: Body;
  readonly headers: Headers;
  readonly caller: Caller;
  readonly context: RequestContext;
  /** Untouched, for routes that stream its body or wait for its end. */
  readonly request: Request;
}

/** Everything about an operation in one block; a route without an access rule does not type-check. */
export interface Definition<
  Path extends string,
  Query extends TSchema,
  Body extends TSchema,
  Headers extends TSchema = TSchema,
> {
  readonly method: Method;
  readonly path: Path;
  /** operationId of the API description. */
  readonly id: string;
  readonly summary: string;
  readonly description?: string;
  readonly tag: string;
  readonly access: Access;
  /** What an open route checks by itself. */
  readonly credentials?: "basic";
  /** Query parameters; unknown ones are ignored. A list collects repetitions, of anything else the first counts. */
  readonly query?: Query;
  /** Query parameters that the handler checks itself, because the reference answers their faults in another form. */
  readonly queryText?: TSchema;
  /** Headers that the handler needs, by their names in small letters. */
  readonly headers?: Headers;
  /** Headers that the handler reads itself, because it ignores faulty ones. */
  readonly headersText?: TSchema;
  /** JSON body (server-api section 1.2). */
  readonly body?: Body;
  /** Bytes of the JSON body at the most; as many as a job may have unless it is open to everybody. */
  readonly maxBody?: number;
  /** A body that the handler reads as a stream. */
  readonly bodyText?: { readonly type: string; readonly description: string };
  readonly responses: Readonly<Record<number, ResponseText>>;
  /** What the operation is good for, and how it goes wrong. */
  readonly examples?: Examples;
  /** HEAD would have the side effects of this GET: it is answered after the access check, and nothing else happens. */
  readonly noHead?: true;
  /** What logs tell instead of the path, where the path holds a credential. */
  readonly loggedPath?: string;
  /** The security event that tells of each request that was served. */
  readonly audit?: Extract<
    SecurityEventName,
    "sensitive_create" | "sensitive_update" | "sensitive_delete" | "upload_complete"
  >;
  /** Told of requests that the schemas refuse, where a security event has to tell of them. */
  readonly onInvalid?: (problem: Problem, context: RequestContext) => void;
}

/** A route with its types erased, as the router keeps it. */
export interface Route extends Definition<string, TSchema, TSchema> {
  /** A Response, or a value to send as JSON. */
  readonly handle: (input: Input<string, never, never, never>) => unknown;
}

export const route = <const Path extends string, Query extends TSchema, Body extends TSchema, Headers extends TSchema>(
  definition: Definition<Path, Query, Body, Headers>,
  handle: (input: Input<Path, Static<Query>, Static<Body>, Static<Headers>>) => unknown,
): Route => ({ ...definition, handle: handle as Route["handle"] });
