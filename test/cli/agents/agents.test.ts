import { describe, expect, test } from "bun:test";
import { matches } from "../../../src/cli/agents/agent-filter.ts";
import { agentSummary } from "../../../src/cli/agents/agent-summary.ts";
import { agentTable } from "../../../src/cli/agents/agent-table.ts";
import { statusFilter } from "../../../src/cli/agents/status-filter.ts";

const ONLINE = ["waiting", "setup", "provision", "firmware_update", "test", "allocate", "reserve", "cleanup"];

describe("the status filter", () => {
  test.each<[string, string[]]>([
    ["online", ONLINE],
    ["offline", ["offline", "maintenance"]],
    ["maintenance", ["maintenance"]],
    ["^online", ["offline", "maintenance"]],
    ["^offline", ONLINE],
    ["^maintenance", [...ONLINE, "offline"]],
    ["test, provision", ["test", "provision"]],
    ["online,^test", ONLINE.filter((state) => state !== "test")],
    ["waiting,offline,^maintenance", ["waiting", "offline"]],
    ["waiting,^waiting", []],
  ])("%s", (text, states) => expect(new Set(statusFilter(text))).toEqual(new Set(states)));

  test.each(["sleeping", "^sleeping", "", "online,", "constructor"])("%p names no state", (text) => {
    expect(() => statusFilter(text)).toThrow("invalid choice: '");
  });
});

describe("an agent passes", () => {
  const none = { states: undefined, queues: undefined, fields: {} };

  test("without filters", () => expect(matches({}, none)).toBeTrue());

  test("only in a state that was asked for", () => {
    const states = statusFilter("^offline");
    expect(matches({ state: "test" }, { ...none, states })).toBeTrue();
    expect(matches({ state: "restart" }, { ...none, states })).toBeFalse();
    expect(matches({}, { ...none, states })).toBeFalse();
  });

  test("when one of its queues matches, which takes a queue", () => {
    expect(matches({ queues: ["arm", "gpu"] }, { ...none, queues: /^gpu$/ })).toBeTrue();
    expect(matches({ queues: [] }, { ...none, queues: /(?:)/ })).toBeFalse();
    expect(matches({}, { ...none, queues: /(?:)/ })).toBeFalse();
  });

  test("when every field matches, a missing one being empty", () => {
    expect(matches({ location: "lab" }, { ...none, fields: { location: /lab/, comment: /^$/ } })).toBeTrue();
    expect(matches({ location: "lab" }, { ...none, fields: { location: /lab/, comment: /./ } })).toBeFalse();
  });
});

describe("the table", () => {
  const agents = [
    { name: "a1", state: "waiting", queues: ["q1", "q2"], comment: "\u001b]0;x\u0007ü 日本" },
    { name: "b2", state: null as unknown as string, queues: [] },
  ];

  test("for scripts measures lists as Python prints them and pads the last column too", () => {
    const table = agentTable(agents, ["name", "queues"], { forPerson: false, bold: true });
    expect(table.split("\n")).toEqual([
      "\u001b[1mNAME\u001b[0m  \u001b[1mQUEUES      \u001b[0m",
      "a1    q1, q2      ",
      "b2                ",
      "",
    ]);
  });

  test("for a person measures what is seen, and lets no control character through", () => {
    const table = agentTable(agents, ["comment", "status", "name"], { forPerson: true, bold: false });
    expect(table.split("\n")).toEqual(["COMMENT  STATUS   NAME", "ü 日本   waiting  a1", "-        -        b2", ""]);
  });
});

test("the summary leaves out states without agents and counts no other states", () => {
  const agents = ["waiting", "waiting", "cleanup", "offline", "restart"].map((state) => ({ state }));
  expect(agentSummary(agents, { bold: false }).split("\n")).toEqual([
    "STATE             COUNT   TOTAL ",
    "Online:                   3",
    "  waiting         2",
    "  cleanup         1",
    "Offline:                  1",
    "  offline         1",
    "",
  ]);
});
