/** Milliseconds by which an end may come late, so that ends which lie close together share a timer. */
const GRAIN = 100;

/** What ends at about the same time. */
export interface Slot<Item> {
  readonly at: number;
  readonly items: Set<Item>;
  readonly timer: Timer;
}

export interface DeadlinesOptions<Item> {
  /** Milliseconds of a clock that never goes back. */
  elapsed: () => number;
  expire: (item: Item) => void;
}

/** Tells when the time of something is over. Ten thousand waiting agents have a few hundred timers: one for each would be a sixth of their memory. */
export class Deadlines<Item> {
  private readonly slots = new Map<number, Slot<Item>>();

  constructor(private readonly options: DeadlinesOptions<Item>) {}

  /** @returns where the item is kept, to take it out again */
  add(item: Item, milliseconds: number): Slot<Item> {
    const at = Math.ceil((this.options.elapsed() + milliseconds) / GRAIN) * GRAIN;
    const slot = this.slots.get(at) ?? this.open(at);
    slot.items.add(item);
    return slot;
  }

  remove(item: Item, slot: Slot<Item>): void {
    slot.items.delete(item);
    if (slot.items.size === 0) this.close(slot);
  }

  private open(at: number): Slot<Item> {
    const expire = () => {
      this.close(slot);
      for (const item of slot.items) this.options.expire(item);
    };
    const slot: Slot<Item> = { at, items: new Set(), timer: setTimeout(expire, at - this.options.elapsed()) };
    this.slots.set(at, slot);
    return slot;
  }

  /** Takes nothing more in. */
  private close(slot: Slot<Item>): void {
    clearTimeout(slot.timer);
    if (this.slots.get(slot.at) === slot) this.slots.delete(slot.at);
  }
}
