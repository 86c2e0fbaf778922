import redirectScript from "swagger-ui-dist/oauth2-redirect.js" with { type: "file" };
import bundle from "swagger-ui-dist/swagger-ui-bundle.js" with { type: "file" };
import styles from "swagger-ui-dist/swagger-ui.css" with { type: "file" };
import { ASSETS as SITE } from "../web/assets/assets.ts";

/** Swagger UI without a CDN: the page, and the files of its own that it loads, which are part of the executable. */

/** No script but from this server; Swagger UI sets styles by attributes. */
const POLICY =
  "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; connect-src 'self'; " +
  "base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

const page = (body: string): Response =>
  new Response(`<!doctype html><html lang="en">${body}</html>`, {
    headers: { "content-type": "text/html; charset=utf-8", "content-security-policy": POLICY },
  });

export const docsPage = (): Response =>
  page(`<head><meta charset="utf-8"><title>Testflinger API</title>
<meta name="viewport" content="width=device-width, initial-scale=1">
<link rel="icon" type="image/svg+xml" href="${SITE.icon}">
<link rel="stylesheet" href="/docs/assets/swagger-ui.css"></head>
<body><main id="ui"></main>
<script src="/docs/assets/swagger-ui.js"></script><script src="/docs/assets/start.js"></script></body>`);

/** Where an identity provider sends a browser back to that logs in from within Swagger UI. */
export const redirectPage = (): Response =>
  page(`<head><meta charset="utf-8"><title>Testflinger API: login</title></head>
<body><script src="/docs/assets/oauth2-redirect.js"></script></body>`);

const START =
  'SwaggerUIBundle({ url: "/openapi.json", dom_id: "#ui", deepLinking: true, oauth2RedirectUrl: `${location.origin}/docs/oauth2-redirect` });\n';

const ASSETS: Readonly<Record<string, { content: () => BodyInit; type: string }>> = {
  "swagger-ui.js": { content: () => Bun.file(bundle), type: "text/javascript; charset=utf-8" },
  "swagger-ui.css": { content: () => Bun.file(styles), type: "text/css; charset=utf-8" },
  "oauth2-redirect.js": { content: () => Bun.file(redirectScript), type: "text/javascript; charset=utf-8" },
  "start.js": { content: () => START, type: "text/javascript; charset=utf-8" },
};

/** A file of the page; null for unknown names. */
export function docsAsset(name: string): Response | null {
  const asset = Object.hasOwn(ASSETS, name) ? ASSETS[name] : undefined;
  return asset
    ? new Response(asset.content(), {
        headers: { "content-type": asset.type, "cache-control": "public, max-age=3600" },
      })
    : null;
}
