interface Page {
  readonly url: string;
  readonly html: string;
}

const MAX_STEPS = 20;

/** A person with a browser that knows cookies and forms, at the pages of `oidc-provider`. */
export class Person {
  /** Name and path of a cookie -> its value. */
  private readonly cookies = new Map<string, { name: string; path: string; value: string }>();

  constructor(private readonly login: string) {}

  /** Opens the verification URI, logs in and gives consent. */
  async approve(verificationUri: string): Promise<void> {
    let page = await this.open(verificationUri);
    for (let step = 0; page.html.includes("<form"); step++) {
      if (step === MAX_STEPS) throw new Error(`no end of forms at ${page.url}`);
      page = await this.submit(page, page.html.includes('value="login"') ? { login: this.login, password: "any" } : {});
    }
  }

  /** Opens the verification URI and declines. */
  async deny(verificationUri: string): Promise<void> {
    const page = await this.open(verificationUri);
    await this.submit(page, { abort: "yes" });
  }

  private async open(url: string, init: RequestInit = {}): Promise<Page> {
    for (let step = 0; step < MAX_STEPS; step++) {
      const response = await fetch(url, {
        ...init,
        redirect: "manual",
        headers: { ...init.headers, cookie: this.cookiesFor(url) },
      });
      for (const header of response.headers.getSetCookie()) this.keep(Bun.Cookie.parse(header));
      const location = response.headers.get("location");
      if (!location) return { url, html: await response.text() };
      url = new URL(location, url).href;
      init = {};
    }
    throw new Error(`no end of redirects at ${url}`);
  }

  private submit({ url, html }: Page, fields: Record<string, string>): Promise<Page> {
    const action = /<form[^>]*action="([^"]+)"/.exec(html)?.[1]?.replaceAll("&amp;", "&") ?? url;
    const hidden = [...html.matchAll(/<input[^>]*>/g)].flatMap(([input]) => {
      const name = /name="([^"]+)"/.exec(input)?.[1];
      const value = /value="([^"]*)"/.exec(input)?.[1];
      return name && value !== undefined ? [[name, value] as const] : [];
    });
    const body = new URLSearchParams({ ...Object.fromEntries(hidden), ...fields }).toString();
    const headers = { "content-type": "application/x-www-form-urlencoded" };
    return this.open(new URL(action, url).href, { method: "POST", body, headers });
  }

  private cookiesFor(url: string): string {
    const { pathname } = new URL(url);
    const sent = [...this.cookies.values()].filter(({ path }) => pathname.startsWith(path));
    return sent.map(({ name, value }) => `${name}=${value}`).join("; ");
  }

  private keep({ name, path = "/", value, expires }: Bun.Cookie): void {
    if (value === "" || (expires && expires <= new Date())) this.cookies.delete(`${name} ${path}`);
    else this.cookies.set(`${name} ${path}`, { name, path, value });
  }
}
