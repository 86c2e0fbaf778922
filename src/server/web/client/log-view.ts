/** Rows that a page holds of a log that is followed: more would make the browser slow. */
const MAX_ROWS = 5000;

/** Pixels from an end of the visible part at which a reader is taken to have reached it. */
const NEAR = 40;

/** One log: it grows at its end, and shows further lines when they are asked for. */
export class LogView {
  private readonly lines: HTMLElement;
  private readonly earlier: HTMLAnchorElement;
  private readonly later: HTMLAnchorElement;
  private readonly follow: HTMLInputElement | null;
  private readonly size: number;
  private fetching = false;

  constructor(private readonly element: HTMLElement) {
    this.lines = element.querySelector("[data-lines]") as HTMLElement;
    this.earlier = element.querySelector("[data-earlier]") as HTMLAnchorElement;
    this.later = element.querySelector("[data-later]") as HTMLAnchorElement;
    this.follow = element.querySelector("[data-follow]");
    this.size = Number(element.dataset.window);
    this.earlier.addEventListener("click", (event) => this.instead(event, () => this.fetchEarlier()));
    this.later.addEventListener("click", (event) => this.instead(event, () => this.fetchLater()));
    this.lines.addEventListener("scroll", () => this.scrolled(), { passive: true });
    this.lines.addEventListener("click", (event) => this.clicked(event));
    this.follow?.addEventListener("change", () => this.toEnd());
    // The end of a log is what one comes for, unless a link leads elsewhere.
    if (!document.getElementById(location.hash.slice(1))?.closest("[data-lines]"))
      this.lines.scrollTop = this.lines.scrollHeight;
  }

  /** Shows lines that were told: new ones, and the open one again. */
  show(first: number, html: string): void {
    // More came at once than is told in one go: what is shown has to be in one piece.
    if (first > this.lastNumber + 1) this.lines.replaceChildren();
    for (const row of rowsOf(html)) {
      const shown = this.row(numberOf(row));
      if (shown) shown.replaceWith(row);
      else this.lines.append(row);
    }
    this.element.querySelector(".empty")?.remove();
    if (this.follow?.checked) while (this.lines.childElementCount > MAX_ROWS) this.lines.firstElementChild?.remove();
    this.offer();
    this.toEnd();
  }

  end(): void {
    this.follow?.closest("label")?.remove();
  }

  private get firstNumber(): number {
    return numberOf(this.lines.firstElementChild);
  }

  private get lastNumber(): number {
    return numberOf(this.lines.lastElementChild);
  }

  private row(number: number): Element | null {
    return this.lines.querySelector(`[data-line="${number}"]`);
  }

  private toEnd(): void {
    if (this.follow?.checked) this.lines.scrollTop = this.lines.scrollHeight;
  }

  /** Scrolling away from the end ends following, coming back begins it. Near the start the lines before are fetched. */
  private scrolled(): void {
    const { scrollTop, scrollHeight, clientHeight } = this.lines;
    if (this.follow) this.follow.checked = scrollHeight - scrollTop - clientHeight < NEAR;
    if (scrollTop < NEAR && !this.earlier.hidden) void this.fetchEarlier();
  }

  /** Marks a line and puts its address where it can be copied, without loading the page again. */
  private clicked(event: MouseEvent): void {
    const link = (event.target as Element).closest<HTMLAnchorElement>("a.number");
    if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    history.replaceState(null, "", link.href);
    for (const marked of document.querySelectorAll(".line.marked")) marked.classList.remove("marked");
    link.closest(".line")?.classList.add("marked");
  }

  private instead(event: Event, act: () => Promise<void>): void {
    event.preventDefault();
    void act();
  }

  private async fetchEarlier(): Promise<void> {
    const first = this.firstNumber,
      from = Math.max(1, first - this.size);
    if (first <= 1) return;
    const rows = await this.fetchRows(from, first - from);
    const height = this.lines.scrollHeight;
    this.lines.prepend(...rows.filter((row) => numberOf(row) < this.firstNumber));
    // What was read stays where it is.
    this.lines.scrollTop += this.lines.scrollHeight - height;
    this.offer();
  }

  private async fetchLater(): Promise<void> {
    const rows = await this.fetchRows(this.lastNumber + 1, this.size);
    this.lines.append(...rows);
    this.offer();
    if (rows.length < this.size) this.later.hidden = true;
  }

  private async fetchRows(from: number, limit: number): Promise<Element[]> {
    if (this.fetching) return [];
    this.fetching = true;
    try {
      const answer = await fetch(`${this.element.dataset.source}?from=${from}&limit=${limit}`);
      return answer.ok ? rowsOf(await answer.text()) : [];
    } finally {
      this.fetching = false;
    }
  }

  private offer(): void {
    this.earlier.hidden = this.firstNumber <= 1;
  }
}

const numberOf = (row: Element | null): number => Number((row as HTMLElement | null)?.dataset.line ?? 0);

function rowsOf(html: string): Element[] {
  const template = document.createElement("template");
  template.innerHTML = html;
  return [...template.content.children];
}
