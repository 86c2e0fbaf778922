import { BACKGROUND_HEADER } from "../../sessions/activity.ts";
import { morph } from "./morph.ts";
import { filterRows } from "./search.ts";
import { keepOrder } from "./tables.ts";
import { keepTabs } from "./tabs.ts";
import { showLocalTimes } from "./times.ts";

let running: Promise<void> | undefined;
let again = false;
let isVisit = false;

/**
 * Fetches the page again and puts what has changed into its regions. Calls that come meanwhile are answered by one more. Unless the person has asked for
 * it the server is told that nobody need be there.
 */
export async function refresh(asked: "by the person" | "by the page" = "by the page"): Promise<void> {
  if (asked === "by the person") isVisit = true;
  if (running) {
    again = true;
    return running;
  }
  running = (async () => {
    do {
      again = false;
      await fetchAndShow();
    } while (again);
  })();
  await running;
  running = undefined;
}

async function fetchAndShow(): Promise<void> {
  const headers: Record<string, string> = isVisit ? {} : { [BACKGROUND_HEADER]: "1" };
  isVisit = false;
  const answer = await fetch(location.href, { headers }).catch(() => null);
  if (answer === null) return;
  // The session has ended: the page that says so is the right one now.
  if (answer.status === 401) return location.reload();
  if (!answer.ok) return;
  const fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
  keepOrder(fresh);
  filterRows(fresh);
  keepTabs(fresh);
  showLocalTimes(fresh);
  const before = stateOf(document);
  for (const region of document.querySelectorAll("[data-region]")) {
    const copy = fresh.getElementById(region.id);
    if (copy) morph(region, copy);
  }
  const state = stateOf(document);
  if (state !== before) announce(`State: ${state}`);
}

/** The state of the job or agent that the page is about. */
const stateOf = (page: Document): string | undefined => page.querySelector("#facts .state")?.textContent ?? undefined;

/** Tells those who do not see the page. */
function announce(text: string): void {
  const place = document.getElementById("announcement");
  if (place) place.textContent = text;
}
