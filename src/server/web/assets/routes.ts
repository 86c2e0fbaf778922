import { Problem } from "../../http/problem.ts";
import { type Route, route } from "../../http/route.ts";
import { NOT_FOUND } from "../../http/router.ts";
import { CONTENTS } from "./assets.ts";

/**
 * What pages load (web section 5). Nothing is served but the files that are named in `assets.ts`.
 *
 * @param since when the files came to be, for browsers that ask by date
 */
export function assetRoutes(since: Date): Route[] {
  const files = new Map([...CONTENTS].map(([path, { text, type }]) => [path, { text, type, etag: etagOf(text) }]));
  const lastModified = since.toUTCString();
  return [
    route(
      {
        method: "GET",
        path: "/static/*",
        id: "getStaticFile",
        tag: "Pages",
        access: { open: "style sheet, script and icon are the same for everybody" },
        summary: "Style sheet, script and icon of the pages",
        responses: { 200: { description: "The file", body: "application/octet-stream" } },
      },
      ({ params, request }) => {
        const file = files.get(`/static/${params["*"]}`);
        if (!file) throw new Problem(404, NOT_FOUND, { form: "text" });
        const headers = { etag: file.etag, "last-modified": lastModified, "cache-control": "no-cache" };
        return isFresh(request, file.etag, since)
          ? new Response(null, { status: 304, headers })
          : new Response(file.text, { headers: { ...headers, "content-type": file.type } });
      },
    ),
  ];
}

const etagOf = (text: string): string => `"${Bun.hash(text).toString(36)}"`;

/** Does the browser have the file already (RFC 9110 section 13)? A date counts only where no tag is given. */
function isFresh(request: Request, etag: string, since: Date): boolean {
  const tags = request.headers.get("if-none-match");
  if (tags !== null)
    return tags.trim() === "*" || tags.split(",").some((tag) => tag.trim().replace(/^W\//, "") === etag);
  const date = Date.parse(request.headers.get("if-modified-since") ?? "");
  return date >= Math.floor(since.getTime() / 1000) * 1000;
}
