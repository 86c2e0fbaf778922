type Order = "none" | "ascending" | "descending";

const SORTABLE = "table[data-sortable]";
const HEADER = "th[aria-sort]";

/** By a click on a header: none, ascending, descending; the agents table the other way round (web section 4). */
const NEXT: Record<Order, Order> = { none: "ascending", ascending: "descending", descending: "none" };
const NEXT_OF_AGENTS: Record<Order, Order> = { none: "descending", descending: "ascending", ascending: "none" };

const orderOf = (header: Element): Order => header.getAttribute("aria-sort") as Order;
const keepsInUrl = (table: Element): boolean => table.hasAttribute("data-sort-in-url");

/** Sorts tables by their headers, and the agents table also by the URL. */
export function startTables(): void {
  prepare(document);
  const { tableId, headerId, sortOrder } = Object.fromEntries(new URLSearchParams(location.search));
  const header = document.getElementById(headerId ?? "");
  if (header?.matches(HEADER) && header.closest("table")?.id === tableId) {
    sort(header, sortOrder === "ascending" || sortOrder === "descending" ? sortOrder : "none");
  }
  document.addEventListener("click", ({ target }) => {
    const clicked = (target as Element).closest(`${HEADER} button`)?.closest(HEADER);
    const table = clicked?.closest(SORTABLE);
    if (!clicked || !table) return;
    const order = (keepsInUrl(table) ? NEXT_OF_AGENTS : NEXT)[orderOf(clicked)];
    sort(clicked, order);
    if (keepsInUrl(table)) writeUrl(table.id, clicked.id, order);
  });
}

/** Brings the tables of a fresh copy of the page into the order that they have here. */
export function keepOrder(fresh: Document): void {
  prepare(fresh);
  const tables = [...document.querySelectorAll(SORTABLE)],
    copies = [...fresh.querySelectorAll(SORTABLE)];
  // Tables come and go with what they show: they are told apart by their place among the headings.
  for (const table of tables) {
    const copy = copies.find((one) => placeOf(one) === placeOf(table));
    const headers = [...table.querySelectorAll(HEADER)];
    const column = headers.findIndex((header) => orderOf(header) !== "none");
    const header = copy?.querySelectorAll(HEADER)[column];
    if (header) sort(header, orderOf(headers[column] as Element));
  }
}

const placeOf = (table: Element): string => {
  const region = table.closest("[id]:not(table)");
  return `${region?.id}/${[...(region?.querySelectorAll(SORTABLE) ?? [])].indexOf(table)}`;
};

function prepare(root: ParentNode): void {
  for (const table of root.querySelectorAll(SORTABLE)) {
    for (const header of table.querySelectorAll(HEADER)) {
      if (header.querySelector("button")) continue;
      const button = document.createElement("button");
      button.type = "button";
      button.append(...header.childNodes);
      header.append(button);
    }
    rowsOf(table).forEach((row, index) => (row.dataset.index ??= String(index)));
  }
}

const rowsOf = (table: Element): HTMLTableRowElement[] => [...table.querySelectorAll<HTMLTableRowElement>("tbody tr")];

function sort(header: Element, order: Order): void {
  const table = header.closest("table") as HTMLTableElement;
  for (const other of table.querySelectorAll(HEADER))
    other.setAttribute("aria-sort", other === header ? order : "none");
  const column = [...(header.parentElement as Element).children].indexOf(header);
  const compare = comparison(header, order);
  const rows = rowsOf(table).sort((a, b) => compare(a.cells[column], b.cells[column]) || indexOf(a) - indexOf(b));
  table.tBodies[0]?.append(...rows);
}

const indexOf = (row: HTMLTableRowElement): number => Number(row.dataset.index);

type Cell = HTMLTableCellElement | undefined;

function comparison(header: Element, order: Order): (a: Cell, b: Cell) => number {
  if (order === "none") return () => 0;
  const sign = order === "ascending" ? 1 : -1;
  if (header.matches(".use-outcome-sort")) return (a, b) => rankOf(a) - rankOf(b) || sign * (countOf(a) - countOf(b));
  if (header.matches(".use-numeric-sort")) return (a, b) => sign * numerically(textOf(a), textOf(b));
  return (a, b) => sign * textOf(a).localeCompare(textOf(b));
}

const textOf = (cell: Cell): string => cell?.dataset.value ?? cell?.textContent?.trim() ?? "";

function numerically(a: string, b: string): number {
  const difference = Number.parseFloat(a) - Number.parseFloat(b);
  return Number.isNaN(difference) ? a.localeCompare(b) : difference;
}

/** Agents that fail always stand before those that pass. */
const rankOf = (cell: Cell): number => ["fail", "pass"].indexOf(cell?.dataset.outcome ?? "") + 1 || 3;
const countOf = (cell: Cell): number => Number(cell?.dataset.count ?? 0);

function writeUrl(tableId: string, headerId: string, sortOrder: Order): void {
  const url = new URL(location.href);
  for (const [name, value] of Object.entries({ tableId, headerId, sortOrder })) url.searchParams.set(name, value);
  history.replaceState(null, "", url);
}
