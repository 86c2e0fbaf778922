/** A clock that stands still until a test moves it. */
export class TestClock {
  private time: number;

  constructor(start = new Date("2026-11-23T18:00:00Z")) {
    this.time = start.getTime();
  }

  readonly now = (): Date => new Date(this.time);

  /** @param seconds may be a fraction */
  advance(seconds: number): void {
    this.time += seconds * 1000;
  }
}
