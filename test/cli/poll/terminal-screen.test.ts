import { describe, expect, test } from "bun:test";
import { TerminalScreen } from "../../../src/cli/poll/terminal-screen.ts";
import { screenAfter } from "../support/virtual-terminal.ts";
import { World } from "../support/world.ts";

const ESC = "\u001b";

function terminal(options: { columns?: number; colour?: boolean } = {}) {
  const world = new World({ terminal: true, ...options });
  const screen = new TerminalScreen(world.context.io.stdout, world.context.io.stderr);
  return { world, screen, shown: () => screenAfter(world.stdout, options.columns) };
}

describe("a terminal with a status line", () => {
  test("shows finished lines above the status", () => {
    const { screen, shown } = terminal();
    screen.status("[00:01] working");
    screen.text("one\ntwo\n");
    screen.status("[00:02] working");
    expect(shown()).toEqual(["one", "two", "[00:02] working"]);
  });

  test("keeps an unfinished line visible, and finishes it in place", () => {
    const { screen, shown } = terminal();
    screen.status("busy");
    screen.text("login: ");
    expect(shown()).toEqual(["login:", "busy"]);
    screen.status("still busy");
    screen.text("ubuntu\nPassword: ");
    expect(shown()).toEqual(["login: ubuntu", "Password:", "still busy"]);
  });

  test("cuts what is wider than the terminal, so that redrawing leaves no debris", () => {
    const { screen, shown } = terminal({ columns: 20 });
    screen.status("s".repeat(50));
    screen.text("x".repeat(50));
    screen.status("short");
    expect(shown()).toEqual(["x".repeat(19), "short"]);
    screen.text("\n");
    expect(shown().join("")).toBe(`${"x".repeat(50)}short`);
  });

  test("joins an escape sequence that two pieces of output share", () => {
    const { screen, shown } = terminal({ colour: true });
    screen.text(`a${ESC}[2`);
    screen.text("Jb\n");
    expect(shown()).toEqual(["ab", ""]);
  });

  test("carries colours on to the next line, but not into the status", () => {
    const { world, screen } = terminal({ colour: true });
    screen.status("busy");
    screen.text(`${ESC}[31mred\nstill red${ESC}[0m\nplain\n`);
    expect(world.stdout).toContain(`${ESC}[31mred${ESC}[0m\n${ESC}[31mstill red${ESC}[0m\nplain\nbusy`);
  });

  test("puts a line of our own behind an unfinished one", () => {
    const { screen, shown } = terminal();
    screen.text("half");
    screen.line("State 'test' lasted 0 minutes 1 seconds");
    expect(shown()).toEqual(["half", "State 'test' lasted 0 minutes 1 seconds", ""]);
  });

  test("leaves no status and no unfinished line behind", () => {
    const { screen, shown } = terminal();
    screen.status("busy");
    screen.text("half");
    screen.close();
    expect(shown()).toEqual(["half", ""]);
  });

  test("stands below a message on standard error, never beside it", () => {
    const { world, screen } = terminal();
    screen.status("[00:01] working");
    screen.text("one\nlogin: ");
    world.context.io.stderr.write("WARNING: no answer\n");
    expect(screenAfter(world.shown)).toEqual(["one", "WARNING: no answer", "login:", "[00:01] working"]);
    screen.status("[00:02] working");
    screen.text("ubuntu\n");
    expect(screenAfter(world.shown)).toEqual(["one", "WARNING: no answer", "login: ubuntu", "[00:02] working"]);
  });

  test("draws nothing for messages once it is closed", () => {
    const { world, screen } = terminal();
    screen.status("busy");
    screen.close();
    const before = world.stdout;
    world.context.io.stderr.write("Received KeyboardInterrupt\n");
    expect(world.stdout).toBe(before);
  });

  test("does not collect a line that never ends", () => {
    const { world, screen } = terminal();
    for (let i = 0; i < 100; i++) screen.text("x".repeat(1000));
    expect(world.stdout).toContain(`${"x".repeat(10_000)}`);
  });

  test("draws nothing when nothing has changed", () => {
    const { world, screen } = terminal();
    screen.status("busy");
    const before = world.stdout;
    screen.status("busy");
    expect(world.stdout).toBe(before);
  });
});
