import { describe, expect, test } from "bun:test";
import { CliError } from "../../../src/cli/errors.ts";
import { parseJob } from "../../../src/cli/job-file/parse.ts";
import { checkSchema } from "../../../src/cli/job-file/schema-check.ts";

/** The problems of a job, without what stands around them. */
function problemsIn(yaml: string): string[] {
  try {
    checkSchema(parseJob(yaml, "job.yaml"));
    return [];
  } catch (error) {
    if (!(error instanceof CliError)) throw error;
    const [head, ...problems] = error.message.split("\n  ");
    expect(head).toBe("Error: the server would refuse this job:");
    return problems;
  }
}

describe("a job is checked as the server would check it", () => {
  test.each([
    "job_queue: q",
    "job_queue: q\nprovision_data: null\ntest_data: {test_cmds: x, secrets: {TOKEN: lab/token}}",
    "job_queue: q\nprovision_data: {distro: noble}\nreserve_data: {ssh_keys: ['lp:me'], timeout: 2h30m}",
    "job_queue: q\nglobal_timeout: '3600'\ndebug: yes\nallocate_data: {anything: [1]}",
    "job_queue: q\ntest_data: {attachments: [{agent: a.txt}]}",
  ])("nothing is said about %j", (yaml) => expect(problemsIn(yaml)).toEqual([]));

  test.each<[string, string[]]>([
    ["job_queue: q\nglobal_timout: 1", ["global_timout is unknown: did you mean global_timeout?"]],
    [
      "job_queue: q\ntest_data: {whatever: 1}",
      ["test_data.whatever is unknown: known are test_cmds, attachments, test_username, test_password, secrets"],
    ],
    ["job_queue: ''", ["job_queue Shorter than minimum length 1."]],
    [
      "job_queue: q\ntest_data:\n  test_cmds: [ls, pwd]",
      ['test_data.test_cmds must be text, not a list: write the lines behind "|"'],
    ],
    ["job_queue: q\ntest_data: {test_cmds: 5}", ["test_data.test_cmds must be text, not 5: put it in quotes"]],
    [
      "job_queue: q\nreserve_data: {ssh_keys: [lp: me]}",
      [
        "reserve_data.ssh_keys[0] must be text, not keys and values: put it in quotes, without a blank behind the colon",
      ],
    ],
    [
      "job_queue: q\nreserve_data: {ssh_keys: ['me']}",
      ["reserve_data.ssh_keys[0] does not have the form ^(lp|gh):(\\S+)$"],
    ],
    [
      "job_queue: q\nreserve_data: {timeout: 1x}",
      [expect.stringMatching(/^reserve_data\.timeout Invalid duration format: /) as unknown as string],
    ],
    ["job_queue: q\ntags: nightly", ['tags must be a list, not "nightly": write "- " before each item']],
    ["job_queue: q\ntags: [1, a]", ["tags[0] must be text, not 1: put it in quotes"]],
    [
      "job_queue: q\nglobal_timeout: soon\njob_priority: [1]",
      ['global_timeout must be a whole number, not "soon"', "job_priority must be a whole number, not a list"],
    ],
    ["job_queue: q\nname: null", ["name is empty: give it a value, or leave it out"]],
    ["job_queue: q\ndebug: maybe", ['debug must be true or false, not "maybe"']],
    ["job_queue: q\ntest_data: {attachments: [{device: /x}]}", ["test_data.attachments[0].agent is missing"]],
    [
      "job_queue: q\ntest_data: {secrets: {2FA: a, OK: 'no blanks'}}",
      [
        "test_data.secrets.2FA: the name does not have the form ^[a-zA-Z_][a-zA-Z0-9_]*$",
        "test_data.secrets.OK does not have the form ^[a-zA-Z0-9_/-]+$",
      ],
    ],
    ["job_queue: q\ntest_data: {secrets: [a]}", ["test_data.secrets must hold keys and values, not a list"]],
    ["job_queue: q\nprovision_data: noble", ["provision_data must hold keys and values"]],
    [
      "job_queue: q\nprovision_data: {distor: noble}",
      [expect.stringMatching(/^provision_data fits no known way to provision; for .*unknown/) as unknown as string],
    ],
    [
      "job_queue: q\nprovision_data: {distro: noble, ephemeral: perhaps}",
      ['provision_data fits no known way to provision; for MAAS: ephemeral must be true or false, not "perhaps"'],
    ],
    [
      "job_queue: q\nprovision_data: {url: somewhere}",
      [
        "provision_data fits no known way to provision; for CM3: url must be a URL that begins with http://, https:// or ftp://",
      ],
    ],
  ])("%j", (yaml, problems) => expect(problemsIn(yaml)).toEqual(problems));

  test("no name in the job can control the terminal", () => {
    expect(problemsIn('job_queue: q\n"x\\e[2J\\ny": 1')[0]).toStartWith("x[2J y is unknown");
  });
});
