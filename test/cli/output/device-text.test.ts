// oxlint-disable no-control-regex -- terminals are driven by control characters
import { describe, expect, test } from "bun:test";
import { coloursAfter, printableLine, printableText } from "../../../src/cli/output/device-text.ts";

const ESC = "\u001b";

describe("what a device may not do to a terminal", () => {
  test.each([
    ["retitle the window", `a${ESC}]0;evil\u0007b`, "ab"],
    ["fill the clipboard", `a${ESC}]52;c;ZXZpbA==${ESC}\\b`, "ab"],
    ["hide a link's target", `${ESC}]8;;http://evil${ESC}\\good${ESC}]8;;${ESC}\\`, "good"],
    ["move the cursor", `a${ESC}[2Ab${ESC}[10;5Hc`, "abc"],
    ["clear the screen", `${ESC}[2J${ESC}[3Ja`, "a"],
    ["ask for an answer", `${ESC}[c${ESC}[6n${ESC}[>qa`, "a"],
    ["switch to another screen", `${ESC}[?1049ha`, "a"],
    ["use C1 controls", "\u009b31ma\u009d0;x\u009cb", "ab"],
    ["send a device control string", `${ESC}P+q544e${ESC}\\a`, "a"],
    ["reset the terminal", `${ESC}ca`, "a"],
    ["change the character set", `${ESC}(0a`, "a"],
    ["ring, erase or go back", "a\u0007\u0008\u007fb", "ab"],
    ["reorder what is shown", "a\u202eb\u2066c\u200f", "abc"],
    ["leave an escape open", `a${ESC}`, "a"],
    ["leave a title open", `a${ESC}]0;title`, "a0;title"],
    ["smuggle an escape past the filter", "\ufdd0[2Ja", "[2Ja"],
  ])("%s", (_, line, shown) => expect(printableLine(line, { colour: false })).toBe(shown));

  test.each(["5", "6", "8", "1;5;31", "?1", ">4;1"])("conceal or blink with %s", (parameters) => {
    expect(printableLine(`${ESC}[${parameters}ma`, { colour: true })).not.toMatch(/\u001b\[[^m]*(^|[;[])(5|6|8)[;m]/);
  });
});

describe("what a device may do", () => {
  test.each([
    ["colours", `${ESC}[31mred${ESC}[0m`],
    ["256 colours, of which 5 and 8 are part", `${ESC}[38;5;8mgrey`],
    ["true colours", `${ESC}[48;2;5;6;8mx`],
    ["tabs", "a\tb"],
    ["every script", "é ü 日本語 🙂"],
  ])("%s", (_, line) => expect(printableLine(line, { colour: true })).toBe(line));

  test("colours are left out where they are not wanted", () => {
    expect(printableLine(`${ESC}[1;31mred${ESC}[m`, { colour: false })).toBe("red");
  });

  test("a progress bar overwrites its line: the last state is shown", () => {
    expect(printableLine("10 %\r50 %\r100 %\r", { colour: false })).toBe("100 %");
  });
});

test("every line of a text ends without colours", () => {
  expect(printableText(`a\r\n${ESC}[31mb\nc`, { colour: true })).toBe(`a\n${ESC}[31mb${ESC}[0m\nc`);
});

describe("colours that go on in the next line", () => {
  test("are those since the last reset", () => {
    expect(coloursAfter(`${ESC}[31ma${ESC}[0mb${ESC}[1mc`, "")).toBe(`${ESC}[1m`);
    expect(coloursAfter("text", `${ESC}[1m`)).toBe(`${ESC}[1m`);
    expect(coloursAfter(`a${ESC}[m`, `${ESC}[1m`)).toBe("");
  });

  test("do not grow without end", () => {
    expect(coloursAfter(`${ESC}[31m`.repeat(1000), "").length).toBeLessThan(100);
  });
});
