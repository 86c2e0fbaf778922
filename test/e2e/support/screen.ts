/** Text that arrives over time, and whoever waits for a part of it. */
export class Screen {
  #text = "";
  #ended = false;
  readonly #decoder = new TextDecoder();
  readonly #watchers = new Set<() => void>();

  /** Everything so far, without colours and with plain line ends. */
  get text(): string {
    return Bun.stripANSI(this.#text).replaceAll("\r\n", "\n");
  }

  add(bytes: Uint8Array): void {
    this.#text += this.#decoder.decode(bytes, { stream: true });
    this.#wake();
  }

  end(): void {
    this.#ended = true;
    this.#wake();
  }

  /**
   * Waits until the text has what is looked for.
   *
   * @throws Error with the text when it ends without
   */
  async shows(wanted: string | RegExp): Promise<RegExpExecArray> {
    const pattern = typeof wanted === "string" ? new RegExp(RegExp.escape(wanted)) : wanted;
    for (;;) {
      const found = pattern.exec(this.text);
      if (found) return found;
      if (this.#ended) throw new Error(`The program ended without ${pattern}:\n${this.text}`);
      await new Promise<void>((resolve) => this.#watchers.add(resolve));
    }
  }

  #wake(): void {
    const watchers = Array.from(this.#watchers);
    this.#watchers.clear();
    for (const watcher of watchers) watcher();
  }
}
