import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { type Line, LineCutter, MAX_LINE } from "../../../src/server/web/log/lines.ts";
import { LogWindows } from "../../../src/server/web/log/windows.ts";
import { type Lab, lab } from "./lab.ts";

const told = (lines: readonly Line[]) => lines.map(({ number, text, open }) => `${number}:${text}${open ? "…" : ""}`);

describe("cutting a log into lines", () => {
  test("numbers the lines and tells the open one again", () => {
    const cutter = new LineCutter(7);
    expect(told(cutter.add("a\nb\nc"))).toEqual(["7:a", "8:b", "9:c…"]);
    expect(told(cutter.add(" and d"))).toEqual(["9:c and d…"]);
    expect(told(cutter.add("\n"))).toEqual(["9:c and d"]);
    expect(told(cutter.add("\n\n"))).toEqual(["10:", "11:"]);
    expect(told(cutter.add(""))).toEqual([]);
  });

  test("shortens a line without end and says by how much", () => {
    const cutter = new LineCutter(1);
    for (let piece = 0; piece < 100; piece++) cutter.add("x".repeat(1000));
    const [line] = cutter.add("\n");
    expect(line).toEqual({ number: 1, text: "x".repeat(MAX_LINE), omitted: 100_000 - MAX_LINE, open: false });
    expect(told(cutter.add("next\n"))).toEqual(["2:next"]);
  });
});

describe("opening a log", () => {
  let app: Lab, windows: LogWindows, id: string;
  beforeAll(async () => {
    app = await lab();
    windows = new LogWindows(app.store.logs);
    id = await app.job();
    // 30 lines in fragments that begin and end within lines.
    const text = Array.from({ length: 30 }, (_, index) => `line ${index + 1}\n`).join("") + "open";
    for (let start = 0, number = 0; start < text.length; start += 17, number += 2)
      await app.log(id, text.slice(start, start + 17), { number });
  });
  afterAll(() => app.close());

  const numbers = (lines: readonly Line[]) => lines.map(({ number }) => number);
  const sequence = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, index) => from + index);

  test("at its end shows the last lines with their numbers, and where it goes on", async () => {
    const { lines, next } = await windows.tail(id, "output", 5);
    expect(told(lines)).toEqual(["27:line 27", "28:line 28", "29:line 29", "30:line 30", "31:open…"]);
    const all = await app.store.logs.read({ jobId: id, type: "output" });
    expect(next).toBe((all.at(-1)?.number ?? 0) + 1);
  });

  test("shows a short log whole", async () => {
    expect(numbers((await windows.tail(id, "output", 100)).lines)).toEqual(sequence(1, 31));
    expect(await windows.tail(id, "serial", 100)).toEqual({ lines: [], next: 0 });
    expect(await windows.tail("unknown", "output", 100)).toEqual({ lines: [], next: 0 });
  });

  test("shows the end of a part", async () => {
    const { lines } = await windows.tail(id, "output", 100, { from: 10, before: 20 });
    expect(
      lines.every(({ number, text }) => `line ${number}`.endsWith(text) || `line ${number}`.startsWith(text)),
    ).toBe(true);
    const last = lines.at(-1)?.number ?? 0;
    expect(last).toBeLessThan(30);
    expect(numbers((await windows.tail(id, "output", 2, { from: 10, before: 20 })).lines)).toEqual([last - 1, last]);
  });

  test.each([1, 2, 3, 15, 29, 30, 31])("at line %p shows that line first", async (line) => {
    const { lines } = await windows.from(id, "output", line, 3);
    expect(told(lines)[0]).toBe(line === 31 ? "31:open…" : `${line}:line ${line}`);
    expect(numbers(lines)).toEqual(sequence(line, Math.min(line + 2, 31)));
  });

  test.each([32, 33, 1000, 10 ** 15])("beyond its end, at line %p, shows nothing", async (line) => {
    expect((await windows.from(id, "output", line, 3)).lines).toEqual([]);
  });

  test("from any fragment goes on in the line that is open there", async () => {
    const fragments = await app.store.logs.read({ jobId: id, type: "output" });
    for (const { number } of fragments) {
      const cutter = await windows.cutterAt(id, "output", number);
      const rest = fragments.filter((one) => one.number >= number).map(({ data }) => data);
      for (const line of cutter.add(rest.join("")))
        expect(line.text).toBe(line.number === 31 ? "open" : `line ${line.number}`);
    }
  });

  test("of one endless line reads no more than is shown", async () => {
    const endless = await app.job();
    for (let number = 0; number < 40; number++) await app.log(endless, "x".repeat(100_000), { number });
    let read = 0;
    const counting = new LogWindows({
      ...app.store.logs,
      read: async (query) => {
        const fragments = await app.store.logs.read(query);
        read += fragments.length;
        return fragments;
      },
    });
    const { lines } = await counting.tail(endless, "output", 500);
    expect(lines).toHaveLength(1);
    expect(read).toBeLessThan(40);
    read = 0;
    expect((await counting.from(endless, "output", 1, 500)).lines).toHaveLength(1);
    expect(read).toBeLessThan(40);
  });
});
