const TAB = "[role=tab]";

function select(tab: HTMLElement): void {
  for (const other of tab.closest("[role=tablist]")?.querySelectorAll<HTMLElement>(TAB) ?? []) {
    const selected = other === tab;
    other.setAttribute("aria-selected", String(selected));
    other.tabIndex = selected ? 0 : -1;
    panelOf(other)?.classList.toggle("open", selected);
  }
}

const panelOf = (tab: HTMLElement): Element | null =>
  (tab.getRootNode() as Document).getElementById(tab.getAttribute("aria-controls") ?? "");

/** Tabs are selected by click and by focus; the arrow keys go round (web section 4). */
export function startTabs(): void {
  const tabAt = (event: Event) => (event.target as Element).closest<HTMLElement>(TAB);
  for (const name of ["click", "focusin"]) {
    document.addEventListener(name, (event) => {
      const tab = tabAt(event);
      if (tab) select(tab);
    });
  }
  document.addEventListener("keydown", (event) => {
    const tab = tabAt(event);
    const step = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    if (!tab || step === undefined) return;
    const tabs = [...(tab.closest("[role=tablist]")?.querySelectorAll<HTMLElement>(TAB) ?? [])];
    tabs[(tabs.indexOf(tab) + step + tabs.length) % tabs.length]?.focus();
    event.preventDefault();
  });
  openTargets();
  window.addEventListener("hashchange", openTargets);
}

/** A link may lead into a panel that is closed. */
function openTargets(): void {
  const panel = targetOf(location.hash)?.closest("[role=tabpanel]");
  const tab = document.querySelector<HTMLElement>(`[aria-controls="${panel?.id}"]`);
  if (!tab) return;
  select(tab);
  targetOf(location.hash)?.scrollIntoView();
}

/** Fragments are anybody's text, and no selectors. */
const targetOf = (hash: string): Element | null => document.getElementById(hash.slice(1));

/** Opens in a fresh copy of the page the tabs that are open here. */
export function keepTabs(fresh: Document): void {
  for (const tab of document.querySelectorAll(`${TAB}[aria-selected=true]`)) {
    const same = fresh.getElementById(tab.id);
    if (same) select(same);
  }
}
