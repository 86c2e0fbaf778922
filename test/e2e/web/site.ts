import { listen } from "../../../src/server/listen.ts";
import { type Lab, lab } from "../../server/web/lab.ts";
import type { Chromium, Tab } from "../../support/chromium.ts";

/** Milliseconds that a test with a browser may take on a busy machine. */
export const BROWSER_TIMEOUT = 60_000;

/** A lab behind a socket, seen in a browser. */
export interface Site extends AsyncDisposable {
  readonly lab: Lab;
  readonly url: string;
  /** A tab that shows a page of the site. */
  open(path: string, options?: Parameters<Chromium["tab"]>[0]): Promise<Tab>;
  /** Posts as an agent does. */
  agent(path: string, body: unknown): Promise<void>;
}

export async function site(browser: Chromium): Promise<Site> {
  const app = await lab();
  const server = await listen((request, socket) => app.fetch(request, socket), "127.0.0.1", 0);
  return {
    lab: app,
    url: server.url,
    async open(path, tabOptions) {
      const tab = await browser.tab(tabOptions);
      await tab.page.goto(server.url + path);
      return tab;
    },
    async agent(path, body) {
      const authorization = `Bearer ${await app.token("agent", { role: "agent" })}`;
      const answer = await fetch(server.url + path, {
        method: "POST",
        body: JSON.stringify(body),
        headers: { "content-type": "application/json", authorization },
      });
      if (!answer.ok) throw new Error(`${path}: ${answer.status} ${await answer.text()}`);
    },
    async [Symbol.asyncDispose]() {
      await server.stop(0);
      await app.close();
    },
  };
}

/** A fragment of a log, as agents post it. */
export const fragment = (fragment_number: number, log_data: string, phase = "test") => ({
  fragment_number,
  log_data,
  phase,
  timestamp: new Date().toISOString(),
});
