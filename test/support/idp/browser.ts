/** What answers a browser's requests. */
export type Site = (request: Request) => Promise<Response>;

/** A browser as far as logins need one: it keeps cookies by their rules and follows no redirects by itself. */
export class Browser {
  /** By name; attributes as the server set them. */
  readonly cookies = new Map<string, Bun.Cookie>();

  constructor(
    private readonly site: Site,
    readonly origin = "http://localhost",
  ) {}

  get(path: string, headers: Record<string, string> = {}): Promise<Response> {
    return this.send(path, { headers });
  }

  /** Submits a form of one of the site's own pages, unless the headers tell otherwise. */
  post(path: string, headers: Record<string, string> = { origin: this.origin }, form = {}): Promise<Response> {
    const body = new URLSearchParams(form).toString();
    return this.send(path, {
      method: "POST",
      body,
      headers: { "content-type": "application/x-www-form-urlencoded", ...headers },
    });
  }

  /** A request as the browser would send it. */
  request(path: string, init: RequestInit = {}): Request {
    const cookie = [...this.cookies.values()].map(({ name, value }) => `${name}=${value}`).join("; ");
    const headers = { ...(init.headers as Record<string, string>), ...(cookie ? { cookie } : {}) };
    // Whatever encrypts the way to the browser, the server itself is reached by http.
    const url = new URL(path, this.origin.replace(/^https:/, "http:"));
    return new Request(url, { ...init, headers });
  }

  private async send(path: string, init: RequestInit): Promise<Response> {
    const response = await this.site(this.request(path, init));
    for (const header of response.headers.getSetCookie()) this.keep(header);
    return response;
  }

  private keep(header: string): void {
    const cookie = Bun.Cookie.parse(header);
    const isHostOnly = cookie.path === "/" && !cookie.domain && cookie.secure;
    // RFC 6265bis section 5.7: what breaks the rules of its prefix is no cookie.
    if (cookie.name.startsWith("__Host-") && !isHostOnly) return;
    if (cookie.secure && !this.origin.startsWith("https:")) return;
    if (cookie.maxAge === 0) this.cookies.delete(cookie.name);
    else this.cookies.set(cookie.name, cookie);
  }
}
