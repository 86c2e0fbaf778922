/** The few pages of the login that are not redirects. They load nothing and run nothing (ASVS 5.0 control 3.4.3). */

const STYLE =
  "body{font:16px/1.5 system-ui,sans-serif;max-width:40rem;margin:4rem auto;padding:0 1rem;color:#111}" +
  "a,button{font:inherit;display:inline-block;padding:.5rem 1rem;border:1px solid #111;border-radius:.2rem;background:#fff;color:#111;text-decoration:none;cursor:pointer}";

const STYLE_HASH = new Bun.CryptoHasher("sha256").update(STYLE).digest("base64");

export interface LoginPage {
  readonly status: number;
  readonly title: string;
  /** Paragraphs of text; escaped here. */
  readonly text: readonly string[];
  /** HTML below the text, safe by its author. */
  readonly below?: string;
  /** Origins beside this one that a form of the page may lead to. */
  readonly formTargets?: readonly string[];
  readonly headers?: Readonly<Record<string, string>>;
}

/** @param page.below HTML */
export function loginPage({ status, title, text, below = "", formTargets = [], headers = {} }: LoginPage): Response {
  const policy = [
    "default-src 'none'",
    `style-src 'sha256-${STYLE_HASH}'`,
    `form-action ${["'self'", ...formTargets].join(" ")}`,
    "base-uri 'none'",
    "frame-ancestors 'none'",
  ].join("; ");
  const paragraphs = text.map((paragraph) => `<p>${Bun.escapeHTML(paragraph)}</p>`).join("\n");
  const heading = Bun.escapeHTML(title);
  return new Response(
    `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>${heading} | Testflinger</title>
<meta name="viewport" content="width=device-width, initial-scale=1"><style>${STYLE}</style></head>
<body><main><h1>${heading}</h1>
${paragraphs}
${below}</main></body></html>
`,
    {
      status,
      headers: {
        "content-type": "text/html; charset=utf-8",
        "content-security-policy": policy,
        // Not `no-referrer`, which makes browsers send forms with an Origin that is nobody's (Fetch section 3.2).
        "referrer-policy": "same-origin",
        "cache-control": "no-store",
        ...headers,
      },
    },
  );
}

/** A link; both parts are escaped here. */
export const link = (href: string, label: string): string =>
  `<a href="${Bun.escapeHTML(href)}">${Bun.escapeHTML(label)}</a>`;
