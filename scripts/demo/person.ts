interface Form {
  readonly action: URL;
  readonly fields: URLSearchParams;
}

interface Page {
  readonly url: URL;
  readonly html: string;
}

/** No login needs more steps; a provider that goes in circles must not keep the caller for ever. */
const MOST_STEPS = 12;

/**
 * Logs in a device the way a person does: opens the address, confirms the code, gives name and password.
 *
 * @returns the text of the last page
 * @throws Error when the provider does not let this person in
 */
export async function logInDevice(address: string, name: string, password: string): Promise<string> {
  const browser = new Browser();
  let page = await browser.open(new URL(address));
  let asked = false;
  for (let step = 0; step < MOST_STEPS; step++) {
    const form = await firstForm(page);
    if (!form) return textOf(page.html);
    if (form.fields.has("password")) {
      if (asked) throw new Error(`The identity provider did not accept ${name}: ${textOf(page.html)}`);
      asked = true;
      form.fields.set("name", name);
      form.fields.set("password", password);
    }
    page = await browser.submit(form);
  }
  throw new Error(`The identity provider asked more than ${MOST_STEPS} times`);
}

/** Cookies, redirects and forms; no scripts. */
class Browser {
  readonly #cookies = new Map<string, Bun.Cookie>();

  async open(url: URL, init: RequestInit = {}): Promise<Page> {
    for (let step = 0; step < MOST_STEPS; step++) {
      const headers = { cookie: this.#cookiesFor(url) };
      const answer = await fetch(url, { ...init, headers, redirect: "manual" });
      this.#keep(answer.headers.getSetCookie());
      const next = answer.headers.get("location");
      if (next === null) return { url, html: await answer.text() };
      url = new URL(next, url);
      init = {};
    }
    throw new Error(`${url.origin} redirects in circles`);
  }

  submit({ action, fields }: Form): Promise<Page> {
    return this.open(action, { method: "POST", body: fields });
  }

  #cookiesFor({ pathname }: URL): string {
    return Array.from(this.#cookies.values())
      .filter(({ path }) => pathname === path || pathname.startsWith(path.endsWith("/") ? path : `${path}/`))
      .map(({ name, value }) => `${name}=${value}`)
      .join("; ");
  }

  #keep(lines: readonly string[]): void {
    for (const cookie of lines.map((line) => Bun.Cookie.parse(line))) {
      const key = `${cookie.path} ${cookie.name}`;
      if (cookie.isExpired() || cookie.value === "") this.#cookies.delete(key);
      else this.#cookies.set(key, cookie);
    }
  }
}

async function firstForm({ url, html }: Page): Promise<Form | undefined> {
  const actions: string[] = [];
  const fields = new URLSearchParams();
  const reader = new HTMLRewriter()
    .on("form", { element: (form) => void actions.push(form.getAttribute("action") ?? "") })
    .on("form input[name]", {
      element: (input) => fields.append(input.getAttribute("name") ?? "", input.getAttribute("value") ?? ""),
    });
  reader.transform(html);
  const action = actions[0];
  return action === undefined ? undefined : { action: new URL(action, url), fields };
}

function textOf(html: string): string {
  const words: string[] = [];
  new HTMLRewriter().on("main", { text: ({ text }) => void words.push(text) }).transform(html);
  return words.join("").replace(/\s+/g, " ").trim();
}
