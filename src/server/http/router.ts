import { type Context, Elysia } from "elysia";
import type { TSchema } from "@sinclair/typebox";
import { type Decoded, decode } from "../../shared/validation/decode.ts";
import type { Logger } from "../log/logger.ts";
import type { Arrival } from "./arrival.ts";
import type { RequestAudit } from "./audit.ts";
import type { Gate } from "./authenticate.ts";
import { readJson } from "./body.ts";
import { errorResponse } from "./errors.ts";
import { invalid, PermissionDenied, Problem } from "./problem.ts";
import { parametersOf, queryValues } from "./query.ts";
import { json, text } from "./reply.ts";
import type { Route } from "./route.ts";
import { type Soon, whenHere } from "./soon.ts";

export interface RouterOptions {
  gate: Pick<Gate, "admit">;
  log: Logger;
  /** Facts about a request that came in. */
  contextOf: (request: Request) => Arrival;
  /** Told of requests that the audit log should know of. */
  audit?: RequestAudit;
  /** Told of every answer. */
  metrics?: RequestMetrics;
}

/** Counts and times requests. */
export interface RequestMetrics {
  /** Milliseconds of a clock that never goes back. */
  elapsed(): number;
  /** @param begun when the request came in, by `elapsed`; absent when it was answered at once */
  answered(answered: Answered, begun?: number): void;
}

/** A request that was answered; `route` is null when none was meant. */
export interface Answered {
  readonly route: Route | null;
  readonly method: string;
  readonly status: number;
}

/** Text of the answer for URLs that lead nowhere (server-api section 1.1). */
export const NOT_FOUND =
  "Not found: 404 Not Found: The requested URL was not found on the server. If you entered the URL manually please check your spelling and try again.\n";

/**
 * Puts routes into an Elysia application. Elysia matches paths; the order of checks (server-api section 1.9: token, role, schema, handler), the
 * reference's conversions and its error bodies are kept here, so Elysia's own parsing and validation stay out of the way.
 */
export function router(routes: readonly Route[], options: RouterOptions) {
  // The default finds the path by counting characters of the URL, so that a Host of one letter reaches another route.
  const app = new Elysia({ name: "testflinger", handler: { standardHostname: false }, aot: true });
  for (const [path, methods] of byPath(routes)) {
    for (const one of methods.values())
      app.route(one.method, path, answerer(one, options), one.method === "GET" ? {} : { parse: "none" });
    app.all(path, otherMethods(methods, options), { parse: "none" });
  }
  // Declared last, it is for what no route answers; routes answer for their own errors.
  app.onError(({ code, error, request }) => {
    if (code === "NOT_FOUND") {
      const context = options.contextOf(request);
      options.metrics?.answered({ route: null, method: context.method, status: 404 });
      options.audit?.nothingFound(context);
      return text(NOT_FOUND, 404);
    }
    return errorResponse(error, options.contextOf(request), options.log);
  });
  return app;
}

function byPath(routes: readonly Route[]): Map<string, Map<string, Route>> {
  const paths = new Map<string, Map<string, Route>>();
  for (const one of routes) {
    const methods = paths.get(one.path) ?? new Map<string, Route>();
    if (methods.has(one.method)) throw new Error(`${one.method} ${one.path} is declared twice`);
    paths.set(one.path, methods.set(one.method, one));
  }
  return paths;
}

type Exchange = Pick<Context, "request" | "params">;

/**
 * Elysia reads handlers as source text: what they use of the context has to be destructured in the parameter; and one that seems to return a promise is
 * wrapped into an asynchronous function, which would keep Elysia's context for as long as an agent waits.
 */
function answerer(one: Route, options: RouterOptions) {
  const serve = server(one, options);
  return ({ request, params }: Exchange): Soon<Response> => {
    const response = serve(request, params ?? {});
    if (response instanceof Promise) options.contextOf(request).keepAddress();
    return response;
  };
}

/** A request on its way through its route. */
interface Passage {
  readonly route: Route;
  readonly request: Request;
  readonly context: Arrival;
  readonly options: RouterOptions;
  /** When it came in, by the clock of the metrics. */
  readonly begun: number | undefined;
}

const server =
  (one: Route, options: RouterOptions) =>
  (request: Request, params: Record<string, string>): Soon<Response> => {
    const arrival = options.contextOf(request);
    const context = one.loggedPath === undefined ? arrival : arrival.under(one.loggedPath);
    const passage: Passage = { route: one, request, context, options, begun: options.metrics?.elapsed() };
    try {
      const result = context.method === "HEAD" ? head(passage, params) : handle(passage, params);
      return result instanceof Promise ? finishLater(passage, result) : finish(passage, result);
    } catch (fault) {
      return fail(passage, fault);
    }
  };

/** Not an asynchronous function: thousands of agents wait here, and it would take twice the memory. */
const finishLater = (passage: Passage, result: Promise<unknown>): Promise<Response> =>
  result.then(
    (result) => finish(passage, result),
    (fault: unknown) => fail(passage, fault),
  );

function finish(passage: Passage, result: unknown): Response {
  try {
    return answered(passage, responseOf(result));
  } catch (fault) {
    return fail(passage, fault);
  }
}

function fail(passage: Passage, fault: unknown): Response {
  const { context, options } = passage;
  if (fault instanceof PermissionDenied) options.audit?.denied(fault, context);
  return answered(passage, errorResponse(fault, context, options.log));
}

function answered({ route, context, begun, options }: Passage, response: Response): Response {
  options.metrics?.answered({ route, method: context.method, status: response.status }, begun);
  return response;
}

const responseOf = (result: unknown): Response => (result instanceof Response ? result : json(result));

/** Checks the request, and lets its route handle it; what that answers. */
function handle({ route: one, request, context, options }: Passage, params: Record<string, string>): Soon<unknown> {
  const { gate, audit } = options;
  return whenHere(gate.admit(one, request, params, context), (caller) => {
    const refused = (problem: Problem) =>
      one.onInvalid ? one.onInvalid(problem, context) : audit?.refused(problem, caller, context);
    const query =
      one.query &&
      checked("query", decode(one.query, queryValues(parametersOf(request.url), one.query), "ignore"), refused);
    const headers =
      one.headers && checked("headers", decode(one.headers, headerValues(request, one.headers), "ignore"), refused);
    const body =
      one.body &&
      readJson(request, one.maxBody).then((json) => checked("json", decode(one.body as TSchema, json), refused));
    const result = whenHere(body, (body) =>
      one.handle({ params, query, headers, body, caller, context, request } as never),
    );
    if (one.audit === undefined) return result;
    return whenHere(result, (result) => {
      const response = responseOf(result);
      if (response.ok) audit?.done(one, caller, context);
      return response;
    });
  });
}

function checked<T>(where: "json" | "query" | "headers", decoded: Decoded<T>, refused: (problem: Problem) => void): T {
  if (decoded.ok) return decoded.value;
  const problem = invalid(where, decoded.messages);
  refused(problem);
  throw problem;
}

/** Those of a request's headers that a schema names. */
const headerValues = ({ headers }: Request, schema: TSchema): Record<string, string> =>
  Object.fromEntries(
    Object.keys(schema.properties as object).flatMap((name) => {
      const value = headers.get(name);
      return value === null ? [] : [[name, value]];
    }),
  );

/** What GET answers. The runtime leaves the body out, unread, and tells the length that it would have. */
async function head(passage: Passage, params: Record<string, string>): Promise<unknown> {
  const { route: one, request, context, options } = passage;
  if (!one.noHead) return handle(passage, params);
  await options.gate.admit(one, request, params, context);
  return new Response(null);
}

/** OPTIONS names the methods; everything else is 405 before any token is looked at. */
function otherMethods(methods: Map<string, Route>, options: RouterOptions) {
  const allow = [...methods.keys(), ...(methods.has("GET") ? ["HEAD"] : []), "OPTIONS"].join(", ");
  return ({ request }: Exchange): Response => {
    const context = options.contextOf(request),
      { method } = context;
    if (method === "OPTIONS") {
      options.metrics?.answered({ route: null, method, status: 200 });
      return text("", 200, { allow });
    }
    options.metrics?.answered({ route: null, method, status: 405 });
    return errorResponse(new Problem(405, "Method Not Allowed", { headers: { allow } }), context, options.log);
  };
}
