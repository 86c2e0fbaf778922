import { describe, expect, test } from "bun:test";
import { CliError } from "../../../src/cli/errors.ts";
import { checkJob } from "../../../src/cli/job-file/check.ts";
import { parseJob } from "../../../src/cli/job-file/parse.ts";

const check = (yaml: string) => checkJob(parseJob(yaml, "job.yaml"));

describe("checkJob", () => {
  test.each([
    ["job_queue: q", { queue: "q", excludedAgents: [] }],
    ["job_queue: q\nexclude_agents: [a, 1]", { queue: "q", excludedAgents: ["a", 1] }],
    ["job_queue: q\ntest_data: {}\nprovision_data: {x: 1}\nreserve_data:", { queue: "q", excludedAgents: [] }],
  ])("accepts %j", (yaml, routing) => {
    expect(check(yaml)).toEqual(routing);
  });

  test.each([
    ["name: x", "Error: Queue was not specified in job"],
    ["job_queue:", "Error: Queue was not specified in job"],
    ["job_queue: ''", "Error: Queue was not specified in job"],
    ["job_queue: 202", "Error: job_queue must be a text: put it in quotes"],
    ["job_queue: q\nexclude_agents: a", "Error: exclude_agents must be a list if provided."],
    ["job_queue: q\nexclude_agents:", "Error: exclude_agents must be a list if provided."],
    [
      "job_queue: q\ntest_data:",
      "Error: test_data must hold keys and values if provided; leave it out when it is empty",
    ],
    [
      "job_queue: q\nprovision_data: [x]",
      "Error: provision_data must hold keys and values if provided; leave it out when it is empty",
    ],
    [
      "job_queue: q\nfirmware_update_data: x",
      "Error: firmware_update_data must hold keys and values if provided; leave it out when it is empty",
    ],
  ])("refuses %j", (yaml, message) => {
    expect(() => check(yaml)).toThrow(new CliError(message));
  });
});
