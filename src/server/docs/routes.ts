import { Problem } from "../http/problem.ts";
import { type Route, route } from "../http/route.ts";
import { type DocumentOptions, openApiDocument } from "./document.ts";
import { docsAsset, docsPage, redirectPage } from "./page.ts";

const tag = "Documentation";
const access = { open: "the API description is public, and tells nothing about the lab" };

/** The description of the given routes for programs and for people (server-api section 9). */
export function docsRoutes(routes: readonly Route[], options: DocumentOptions): Route[] {
  let document: Promise<string> | undefined;
  return [
    route(
      {
        method: "GET",
        path: "/openapi.json",
        id: "getApiDescription",
        tag,
        access,
        summary: "OpenAPI description",
        responses: { 200: { description: "OpenAPI 3.0.3", body: "application/json" } },
      },
      async () =>
        new Response(await (document ??= openApiDocument(routes, options)), {
          headers: { "content-type": "application/json" },
        }),
    ),
    route(
      {
        method: "GET",
        path: "/docs",
        id: "getDocs",
        tag,
        access,
        summary: "The description as a page to try the API out",
        responses: { 200: { description: "Swagger UI", body: "text/html" } },
      },
      docsPage,
    ),
    route(
      {
        method: "GET",
        path: "/docs/oauth2-redirect",
        id: "getDocsRedirect",
        tag,
        access,
        summary: "End of a login from within the page",
        responses: { 200: { description: "A page that closes itself", body: "text/html" } },
      },
      redirectPage,
    ),
    route(
      {
        method: "GET",
        path: "/docs/assets/:name",
        id: "getDocsAsset",
        tag,
        access,
        summary: "Scripts and styles of the page",
        responses: {
          200: { description: "The file", body: "application/octet-stream" },
          404: { description: "No such file" },
        },
      },
      ({ params }) => {
        const asset = docsAsset(params.name);
        if (!asset) throw new Problem(404, "No such file");
        return asset;
      },
    ),
  ];
}
