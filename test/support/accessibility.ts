import axe from "axe-core";
import type { Page } from "playwright-core";

/** What axe-core finds that keeps people from using the page. */
export async function seriousFindings(page: Page): Promise<string[]> {
  // Evaluated by the debugger, past the content security policy that forbids pages to do so.
  await page.evaluate(axe.source);
  const { violations } = (await page.evaluate("axe.run()")) as axe.AxeResults;
  return violations
    .filter(({ impact }) => impact === "serious" || impact === "critical")
    .map(({ id, help, nodes }) => `${id}: ${help}: ${nodes.map(({ html }) => html).join(" ")}`);
}
