import { describe, expect, test } from "bun:test";
import { isWanted, type SearchState, statesToAsk } from "../../../src/cli/job/search.ts";

describe("what the server is asked for", () => {
  test.each<[SearchState[], string[]]>([
    [[], []],
    [["active"], ["active"]],
    [
      ["test", "reserve"],
      ["test", "reserve"],
    ],
    [["cancelled"], ["cancelled"]],
    [
      ["cancelled", "test"],
      ["cancelled", "test"],
    ],
    [["waiting"], ["active"]],
    [["waiting", "test"], ["active"]],
    [["active", "test"], ["active"]],
    [["complete"], []],
    [["cancelled", "complete"], []],
    [["cancelled", "waiting"], []],
    [["cancelled", "active"], []],
  ])("when somebody looks for %p", (wanted, asked) => expect(statesToAsk(wanted)).toEqual(asked));
});

describe("which answers are wanted", () => {
  test.each<[string | undefined, SearchState[], boolean]>([
    ["test", [], true],
    ["test", ["test"], true],
    ["test", ["waiting"], false],
    ["running", ["active"], true],
    ["complete", ["active"], false],
    ["completed", ["active"], false],
    ["completed", ["complete"], true],
    [undefined, ["active"], true],
    [undefined, ["test"], false],
  ])("%p for %p: %p", (state, wanted, expected) => {
    expect(isWanted({ job_id: "j", job_state: state }, wanted)).toBe(expected);
  });
});
