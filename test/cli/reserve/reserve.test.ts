import { describe, expect, test } from "bun:test";
import { main } from "../../../src/cli/program.ts";
import { provisionDataOf } from "../../../src/cli/reserve/images.ts";
import { Prompts } from "../../../src/cli/reserve/prompts.ts";
import { isSshKey } from "../../../src/cli/reserve/ssh-key.ts";
import { json, ScriptedServer, text } from "../support/scripted-server.ts";
import { World } from "../support/world.ts";

const IMAGES = new Map([
  ["core24", "url: http://images.example.com/core24.img"],
  ["noble", "distro: noble"],
  ["odd", "http://images.example.com/odd.img"],
]);

describe("an image", () => {
  test.each([
    ["https://x/y.img", { url: "https://x/y.img" }],
    ["core24", { url: "http://images.example.com/core24.img" }],
    ["noble", { distro: "noble" }],
    ["odd", { url: "http://images.example.com/odd.img" }],
    ["nope", undefined],
    ["constructor", undefined],
  ])("%s becomes %p", (image, data) => expect(provisionDataOf(image, IMAGES)).toEqual(data!));
});

test.each<[string, boolean]>([
  ["lp:me", true],
  ["gh:you-2", true],
  ["lp:", false],
  ["me", false],
  ["lp:a b", false],
  ["ssh-rsa AAAA", false],
])("%p is a key that can be fetched: %p", (key, valid) => expect(isSshKey(key)).toBe(valid));

function prompts(...input: string[]) {
  const world = new World({ input });
  return { world, prompts: new Prompts(world.context.io) };
}

describe("the prompt for a queue", () => {
  test("lists queues, and asks again for nothing and for unknown ones that are not confirmed", async () => {
    const { world, prompts: ask } = prompts("?", "", "q9", "n", "q9", "y");
    expect(
      await ask.queue(
        new Map([
          ["q2", "second"],
          ["q1", "first"],
        ]),
      ),
    ).toBe("q9");
    expect(world.stdout).toContain("\nAdvertised queues on this server:\n q2 - second\n q1 - first\n");
    expect(world.stdout).toContain("WARNING: 'q9' is not in the list of known queues\n");
  });
});

describe("the prompt for an image", () => {
  test("lists names, refuses unknown ones, and resolves the rest", async () => {
    const { world, prompts: ask } = prompts("?", "nope", "core24");
    expect(await ask.image(IMAGES)).toEqual({ url: "http://images.example.com/core24.img" });
    expect(world.stdout).toContain("core24\nnoble\nodd\n");
    expect(world.stdout).toContain("ERROR: 'nope' is not in the list of known images");
  });

  test("takes nothing only when that is confirmed", async () => {
    const { world, prompts: ask } = prompts("", "maybe", "no", "", "YES");
    expect(await ask.image(new Map())).toBeUndefined();
    expect(world.stdout.match(/proceed with no provision data\?/g)).toHaveLength(3);
  });
});

test("the prompt for keys asks again until all are well-formed", async () => {
  const { world, prompts: ask } = prompts("me", "", "lp:me,x", " lp:me , gh:you ");
  expect(await ask.keys()).toEqual(["lp:me", "gh:you"]);
  expect(world.stdout.match(/Please enter keys in the form of/g)).toHaveLength(2);
});

describe("the end of standard input", () => {
  test.each<[string, (ask: Prompts) => Promise<unknown>, string]>([
    ["queue", (ask) => ask.queue(new Map()), "--queue"],
    ["image", (ask) => ask.image(new Map()), "--image or --distro"],
    ["keys", (ask) => ask.keys(), "--key"],
    ["consent", (ask) => ask.proceed(), "--yes"],
  ])("instead of a %s submits nothing and names the option", (_, question, option) => {
    expect(question(prompts().prompts)).rejects.toThrow(
      `Nothing was submitted: standard input has ended. Use ${option}.`,
    );
  });
});

describe("reserve", () => {
  const ID = "2f1b7c1e-6a44-4a0e-9a53-0d6f5a3c9e11";
  const base = ["reserve", "--queue", "q1", "--distro", "noble", "--key", "lp:me"];

  async function reserve(words: string[], input: string[] = []) {
    using server = new ScriptedServer({
      "GET /v1/queues/q1/agents": json([{ name: "a1", state: "waiting" }]),
      "GET /v1/agents/images/q1": json({ core24: "url: http://images.example.com/core24.img" }),
      "POST /v1/job": json({ job_id: ID }),
      "GET /v1/job/x": text(""),
    });
    using world = new World({ input, env: { TESTFLINGER_SERVER: server.url } });
    const exit = await main(words, "testflinger", world.context);
    const posted = server.seen.find(({ method }) => method === "POST");
    const job = posted && (JSON.parse(posted.body) as Record<string, unknown>);
    return { exit, stdout: world.stdout, stderr: world.stderr, job, requests: server.requests };
  }

  test("takes a duration for the timeout", async () => {
    const { job } = await reserve([...base, "--yes", "--no-poll", "--timeout", "2h30m"]);
    expect(job).toEqual({
      job_queue: "q1",
      reserve_data: { ssh_keys: ["lp:me"], timeout: 9000 },
      provision_data: { distro: "noble" },
    });
  });

  test("ends when the job is submitted if asked not to poll", async () => {
    const { exit, stdout, requests } = await reserve([...base, "--yes", "--no-poll"]);
    expect(exit).toBe(0);
    expect(stdout).toEndWith(`Job submitted successfully!\njob_id: ${ID}\n`);
    expect(requests.at(-1)).toBe("POST /v1/job");
  });

  test("prints nothing but data with --json, and shows no output of the job", async () => {
    const { exit, stdout, requests } = await reserve([...base, "--yes", "--json"]);
    expect(exit).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ job_id: ID, queue: "q1" });
    expect(requests.at(-1)).toBe("POST /v1/job");
  });

  test.each([
    [["reserve", "--json"], "--queue, --image or --distro, --key, --yes"],
    [[...base, "--output", "yaml"], "--yes"],
    [["reserve", "-d", "-q", "q1", "--json"], "--image or --distro, --key"],
  ])("asks nobody where a program reads the answer: %j", async (words, options) => {
    const { exit, stdout, stderr, requests } = await reserve(words, ["q1", "", "y", "lp:me", "y"]);
    expect({ exit, stdout, requests }).toEqual({ exit: 2, stdout: "", requests: [] });
    expect(stderr).toContain(`testflinger reserve: error: --json and --output need ${options} too`);
  });

  test("resolves the name of an image", async () => {
    const { stdout } = await reserve(["reserve", "-d", "-q", "q1", "-i", "core24", "-k", "lp:me"]);
    expect(stdout).toContain('"url": "http://images.example.com/core24.img"');
  });

  test("refuses an image that the queue does not know", async () => {
    const { exit, stderr } = await reserve(["reserve", "-d", "-q", "q1", "-i", "nope", "-k", "lp:me"]);
    expect(exit).toBe(1);
    expect(stderr).toContain("'nope' is not in the list of known images of queue 'q1'");
  });

  test("asks for no list of images when it has a URL", async () => {
    const { requests } = await reserve(["reserve", "-d", "-q", "q1", "-i", "http://x/y", "-k", "lp:me"]);
    expect(requests).toEqual([]);
  });

  test("refuses a malformed key before anything else", async () => {
    const { exit, stderr, requests } = await reserve(["reserve", "-d", "-q", "q1", "--distro", "noble", "-k", "me"]);
    expect(exit).toBe(2);
    expect(stderr).toContain("testflinger reserve: error: argument -k/--key: Invalid SSH key format: me");
    expect(requests).toEqual([]);
  });
});
