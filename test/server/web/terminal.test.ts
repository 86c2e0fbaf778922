import { describe, expect, test } from "bun:test";
import { Terminal } from "../../../src/server/web/log/terminal.ts";

const ESC = "\u001b";
const shown = (text: string) =>
  new Terminal().line(text).map(({ text: run, classes }) => (classes ? `[${classes}]${run}` : run));

describe("a line of a log", () => {
  test.each<[string, string, string[]]>([
    ["plain text", "plain <b>text</b> & more", ["plain <b>text</b> & more"]],
    ["colours", `${ESC}[31mred${ESC}[0m plain`, ["[fg-red]red", " plain"]],
    ["bright colours and backgrounds", `${ESC}[92;44mboth`, ["[fg-bright-green bg-blue]both"]],
    ["bold, underlined, struck out", `${ESC}[1;4;9mall`, ["[bold underline strikethrough]all"]],
    ["a colour of the palette as the nearest", `${ESC}[38;5;160mred`, ["[fg-red]red"]],
    ["a true colour as the nearest", `${ESC}[38;2;90;90;250mblue`, ["[fg-bright-blue]blue"]],
    ["no cursor movements", `${ESC}[2J${ESC}[10;20Hhere${ESC}[K`, ["here"]],
    ["no titles", `${ESC}]0;a title\u0007text`, ["text"]],
    ["no links of the device's choice", `${ESC}]8;;javascript:alert(1)${ESC}\\link${ESC}]8;;${ESC}\\`, ["link"]],
    ["no character sets", `${ESC}(Btext${ESC}=`, ["text"]],
    ["no control characters", "a\u0000b\u0007c\u0008d\u009be", ["abcde"]],
    ["tabs", "a\tb", ["a\tb"]],
    ["what stands behind the last carriage return", "10%\r50%\r100%\r", ["100%"]],
    ["nothing of a sequence that was cut off but its letters", `text${ESC}`, ["text"]],
  ])("shows %s", (_, text, expected) => {
    expect(shown(text)).toEqual(expected);
  });

  test("begins with the colours that the line before ended with", () => {
    const terminal = new Terminal();
    terminal.line(`${ESC}[1;32mgreen`);
    expect(terminal.line("still")).toEqual([{ text: "still", classes: "fg-green bold" }]);
    terminal.line(`${ESC}[0m`);
    expect(terminal.line("plain")).toEqual([{ text: "plain", classes: "" }]);
  });

  test("that is open begins anew with the same colours when more of it comes", () => {
    const terminal = new Terminal();
    terminal.line(`a${ESC}[31mb`, true);
    expect(terminal.line(`a${ESC}[31mbc`)).toEqual([
      { text: "a", classes: "" },
      { text: "bc", classes: "fg-red" },
    ]);
  });
});
