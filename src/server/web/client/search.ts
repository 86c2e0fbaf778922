/** Milliseconds without a key before the server is asked for what is not on the page. */
const PAUSE = 300;

const box = (): HTMLInputElement | null => document.querySelector<HTMLInputElement>(".p-search-box input[type=search]");

/** Narrows tables as one types, and keeps the term in the URL; `refresh` asks the server for what is not on the page. */
export function startSearch(refresh: () => Promise<void>): void {
  const input = box();
  if (!input) return;
  let timer: ReturnType<typeof setTimeout> | undefined;
  input.addEventListener("input", () => {
    filterRows(document);
    clearTimeout(timer);
    timer = setTimeout(() => {
      const url = new URL(location.href);
      if (input.value === "") url.searchParams.delete("search");
      else url.searchParams.set("search", input.value);
      // What another page of the list began with is no place in this one.
      url.searchParams.delete("from");
      history.replaceState(null, "", url);
      void refresh();
    }, PAUSE);
  });
}

/** Hides the rows that do not hold the term, in upper or lower case (web section 4). */
export function filterRows(root: ParentNode): void {
  const input = box();
  if (!input) return;
  const term = input.value.toLowerCase();
  for (const row of root.querySelectorAll<HTMLElement>(".p-table--mobile-card tr.searchable-row"))
    row.hidden = !row.textContent?.toLowerCase().includes(term);
}
