import { type DocumentDecoration, Elysia } from "elysia";
import type { Route } from "../http/route.ts";
import { documentedPath, operationOf } from "./operation.ts";
import { type Json, SchemaBook } from "./schemas.ts";

/** Version of the API, not of this server: the reference's. */
const API_VERSION = "1.0.0";
const SPEC_PATH = "/openapi.json";

/** Paths of the API; pages for people are no part of it. */
const API = /^\/(v1|oidc|healthz|readyz)(\/|$)/;

export interface DocumentOptions {
  /** May callers without a token act as contributors? */
  anonymous: boolean;
}

/** The OpenAPI 3.0.3 description of the routes, as JSON text. Takes some milliseconds. */
export async function openApiDocument(routes: readonly Route[], options: DocumentOptions): Promise<string> {
  // Only for those who ask for the document: the start of the server need not wait for it.
  const { swagger } = await import("@elysiajs/swagger");
  const book = new SchemaBook();
  const operations = routes
    .filter(({ path }) => API.test(path))
    .map((one) => ({
      method: one.method,
      path: documentedPath(one),
      // Its form is the validator's to check, in the tests: schemas are as free as JSON.
      detail: operationOf(one, book, options) as Json as DocumentDecoration,
    }));
  const app = new Elysia().use(swagger({ specPath: SPEC_PATH, excludeStaticFile: false, documentation: frame(book) }));
  for (const { method, path, detail } of operations) app.route(method, path, () => "", { detail });
  const answer = await app.handle(new Request(`http://localhost${SPEC_PATH}`));
  return JSON.stringify({ openapi: "3.0.3", ...(await answer.json()) });
}

const frame = (book: SchemaBook) => ({
  info: {
    title: "Testflinger API",
    version: API_VERSION,
    description:
      "Submit jobs for devices in a lab, follow them and get their results. Agents beside the devices take jobs and report on them.",
  },
  // Relative, so that it holds behind every proxy and does not repeat a Host header.
  servers: [{ url: "/" }],
  components: {
    schemas: book.components as Record<string, object>,
    securitySchemes: {
      bearer: {
        type: "http" as const,
        scheme: "bearer",
        bearerFormat: "JWT",
        description: "An access token from `/v1/oauth2/token`, `/v1/oauth2/refresh` or a device login",
      },
      basic: { type: "http" as const, scheme: "basic", description: "Client id and secret" },
    },
  },
});
