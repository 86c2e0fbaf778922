import { renderToString } from "preact-render-to-string";
import { Layout } from "./layout.tsx";
import type { Page } from "./page.ts";
import type { Visit } from "./visit.ts";

/**
 * Names, comments and logs come from anybody: should markup of theirs ever get through the escaping, nothing of it runs, loads or frames.
 * Nor does anything of ours that is not in the one script and the one style sheet.
 */
const POLICY =
  "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; " +
  "form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

/** The page as the browser gets it. */
export const render = (page: Page, visit: Visit): Response =>
  new Response(`<!doctype html>${renderToString(<Layout page={page} visit={visit} />)}`, {
    status: page.status ?? 200,
    headers: {
      "content-type": "text/html; charset=utf-8",
      "content-security-policy": POLICY,
      "cross-origin-opener-policy": "same-origin",
      "referrer-policy": "same-origin",
      // What one person may see must not come out of a cache for another.
      "cache-control": "no-store",
      ...page.headers,
    },
  });
