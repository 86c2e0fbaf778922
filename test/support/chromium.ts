import { type Browser, type BrowserContextOptions, chromium, type Page } from "playwright-core";
import { chromiumPath } from "./chromium-path.ts";

function executable(): string {
  const path = chromiumPath();
  if (path === undefined)
    throw new Error(
      "The pages are tested in Chromium. Install it (apt-get install chromium), or set CHROMIUM to its path.",
    );
  return path;
}

/** A tab, and what went wrong in it. */
export interface Tab {
  readonly page: Page;
  /** Errors of scripts, of the content security policy, and of requests. */
  readonly errors: string[];
}

/** Headless Chromium. */
export class Chromium {
  private constructor(private readonly browser: Browser) {}

  static async launch(): Promise<Chromium> {
    const browser = await chromium.launch({
      executablePath: executable(),
      headless: true,
      // Tests run as root in containers, where Chromium's sandbox has no rights; the pages are our own.
      args: ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"],
    });
    return new Chromium(browser);
  }

  /** A tab of a browser that knows nothing yet. */
  async tab(options: BrowserContextOptions = {}): Promise<Tab> {
    const context = await this.browser.newContext(options);
    const page = await context.newPage();
    const errors: string[] = [];
    page.on("pageerror", (error) => errors.push(String(error)));
    page.on("console", (message) => {
      if (message.type() === "error" || message.type() === "warning") errors.push(message.text());
    });
    page.on("dialog", (dialog) => {
      errors.push(`a dialog says: ${dialog.message()}`);
      void dialog.dismiss();
    });
    return { page, errors };
  }

  close(): Promise<void> {
    return this.browser.close();
  }
}
