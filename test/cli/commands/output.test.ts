import { describe, expect, test } from "bun:test";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { COMMANDS } from "../../../src/cli/commands/index.ts";
import { type Command, type Entry, isGroup } from "../../../src/cli/grammar/command.ts";
import { main } from "../../../src/cli/program.ts";
import { accessToken, json, type Script, ScriptedServer, text } from "../support/scripted-server.ts";
import { World } from "../support/world.ts";

const PAIR = { TESTFLINGER_CLIENT_ID: "root", TESTFLINGER_SECRET_KEY: "s" };
const TOKEN = {
  "POST /v1/oauth2/token": () => json({ access_token: accessToken({ client_id: "root", role: "admin" }) }),
};
const AGENT = { name: "a1", state: "waiting", queues: ["q1"], comment: "" };

/** Every command that prints data, and what it needs to do so. */
const CASES: readonly { words: string[]; script?: Script; fields: string[] }[] = [
  { words: ["list-queues"], script: { "GET /v1/agents/queues": json({ q1: "first" }) }, fields: ["NAME"] },
  {
    words: ["list-queues", "--all"],
    script: {
      "GET /v1/agents/queues": json({ q1: "first" }),
      "GET /v1/agents/data": json([AGENT]),
      "GET /v1/queues/wait_times": json({ q1: { 50: 90.4 } }),
    },
    fields: ["[].queue", "[].description", "[].agents", "[].available", "[].median_wait"],
  },
  { words: ["list-agents"], script: { "GET /v1/agents/data": json([AGENT]) }, fields: ["name", "state", "queues"] },
  { words: ["agent-status", "a1"], script: { "GET /v1/agents/data/a1": json(AGENT) }, fields: ["agent", "status"] },
  {
    words: ["queue-status", "q1"],
    script: { "GET /v1/queues/q1/agents": json([AGENT]), "GET /v1/queues/q1/jobs": json([]) },
    fields: ["queue", "agents", "jobs_waiting"],
  },
  {
    words: ["queue-status", "q1", "--counts"],
    script: { "GET /v1/queues/q1/agents": json([AGENT]), "GET /v1/queues/q1/jobs": json([]) },
    fields: ["queue", "agents_by_state", "jobs_by_state"],
  },
  { words: ["jobs"], fields: ["job_id", "queue", "submission_time", "job_state"] },
  {
    words: ["results", "j"],
    script: { "GET /v1/result/j": json({ job_state: "complete", device_info: { device_ip: "10.0.0.7" } }) },
    fields: ["job_state", "device_info"],
  },
  { words: ["show", "j"], script: { "GET /v1/job/j": json({ job_id: "j", job_queue: "q1" }) }, fields: ["job_queue"] },
  {
    words: ["change-secret-key", "--new-secret-key-file", "job.yaml"],
    script: {
      "GET /v1/server": json({
        name: "testflinger",
        version: "1",
        auth: { anonymous: true, oidc: false },
        features: ["own-secret"],
      }),
      "POST /v1/oauth2/secret": json({ client_id: "me" }),
    },
    fields: ["client_id", "server", "secret_key"],
  },
  { words: ["whoami"], fields: ["client_id", "role", "server", "method", "token_expires_at"] },
  {
    words: ["search"],
    script: { "GET /v1/job/search": json([{ job_id: "j", job_state: "test", created_at: "2026-11-23T10:00:00Z" }]) },
    fields: ["job_id", "job_state", "created_at"],
  },
  {
    words: ["status", "j"],
    script: { "GET /v1/job/j": json({ job_queue: "q1" }), "GET /v1/result/j": json({ job_state: "complete" }) },
    fields: ["job_id", "job_state", "queue", "phases", "connect_to"],
  },
  {
    words: ["admin", "get", "client-permissions"],
    script: {
      ...TOKEN,
      "GET /v1/client-permissions": json([{ client_id: "c", role: "manager", max_priority: { "*": 1 } }]),
    },
    fields: ["client_id", "role", "max_priority"],
  },
  { words: ["config"], fields: ["SETTING"] },
  {
    words: ["submit", "job.yaml"],
    script: { "GET /v1/queues/q1/agents": json([AGENT]), "POST /v1/job": json({ job_id: "new" }) },
    fields: ["job_id", "queue", "server", "submitted_at", "attachments"],
  },
  {
    words: ["reserve", "--queue=q1", "--distro=noble", "--key=lp:me", "--yes"],
    script: { "GET /v1/queues/q1/agents": json([AGENT]), "POST /v1/job": json({ job_id: "new" }) },
    fields: ["job_id", "queue", "server", "submitted_at", "attachments"],
  },
  {
    words: ["reserve", "--queue=q1", "--distro=noble", "--key=lp:me", "--dry-run"],
    fields: [],
  },
  {
    words: ["wait", "j"],
    script: { "GET /v1/result/j": json({ job_state: "complete", test_status: 0 }) },
    fields: ["job_id", "job_state", "phases"],
  },
  {
    words: ["poll", "j"],
    script: {
      "GET /v1/result/j/log/output?start_fragment=0": json({
        output: { test: { last_fragment_number: 1, log_data: "x" } },
      }),
    },
    fields: ["output.PHASE.log_data", "output.PHASE.last_fragment_number"],
  },
  {
    words: ["secret", "write", "lab/token", "v"],
    script: { "PUT /v1/secrets/root/lab/token": json({ expires_at: "2027-11-23T10:00:00Z" }) },
    fields: ["path", "client_id", "expires_at", "single_use"],
  },
  {
    words: ["secret", "delete", "lab/token"],
    script: { "DELETE /v1/secrets/root/lab/token": text("OK") },
    fields: ["path", "client_id"],
  },
];

async function print(words: readonly string[], script: Script = {}) {
  using server = new ScriptedServer({ ...TOKEN, ...script });
  using world = new World({ env: { ...PAIR, TESTFLINGER_SERVER: server.url } });
  mkdirSync(join(world.home, ".config"));
  const entry = { queue: "q1", submission_time: 1700000000, job_state: "complete" };
  writeFileSync(join(world.home, ".config/testflinger-cli-history.json"), JSON.stringify({ j: entry }));
  writeFileSync(join(world.home, ".config/testflinger-cli.conf"), "[testflinger-cli]\nerror_threshold = 5\n");
  writeFileSync(join(world.home, "job.yaml"), "job_queue: q1\n");
  const exit = await main(words, "testflinger", world.context);
  return { exit, stdout: world.stdout, stderr: world.stderr };
}

async function commandAt(words: readonly string[]): Promise<Command> {
  let entries: Readonly<Record<string, Entry>> = COMMANDS;
  for (const word of words) {
    const node = (await entries[word]!.load()).default;
    if (!isGroup(node)) return node;
    entries = node.subCommands;
  }
  throw new Error(`${words.join(" ")} is no command`);
}

describe.each(CASES.map((one) => [one.words.join(" "), one] as const))("%s", (_, { words, script, fields }) => {
  test("prints the same JSON with --json and with --output json", async () => {
    const { exit, stdout } = await print([...words, "--json"], script);
    expect(exit).toBe(0);
    expect(() => JSON.parse(stdout)).not.toThrow();
    expect((await print([...words, "--output=json"], script)).stdout.replace(/127\.0\.0\.1:\d+/, "")).toBe(
      stdout.replace(/127\.0\.0\.1:\d+/, ""),
    );
  });

  test("prints YAML that says the same as the JSON", async () => {
    const { stdout: yaml } = await print([...words, "--output", "yaml"], script);
    const { stdout } = await print([...words, "--json"], script);
    const anyPort = (value: string) => value.replace(/127\.0\.0\.1:\d+/, "");
    expect(Bun.YAML.parse(anyPort(yaml))).toEqual(JSON.parse(anyPort(stdout)));
  });

  test("prints a table that is no JSON", async () => {
    const { exit, stdout } = await print([...words, "--output", "table"], script);
    expect({ exit, isEmpty: stdout === "" }).toEqual({ exit: 0, isEmpty: false });
    expect(stdout).not.toStartWith("{");
    expect(stdout).not.toStartWith("[");
  });

  test("does not take both spellings at once", async () => {
    const { exit, stderr } = await print([...words, "--json", "--output", "yaml"], script);
    expect(exit).toBe(2);
    expect(stderr).toContain("error: argument --output: not allowed with argument --json");
  });

  test("documents its fields", async () => {
    const { fields: documented = {} } = await commandAt(words);
    expect(Object.keys(documented)).toEqual(expect.arrayContaining(fields));
    const generic = fields.some((field) => /\b[A-Z]{2,}\b|^\[\]/.test(field));
    const [value] = [JSON.parse((await print([...words, "--json"], script)).stdout)].flat() as object[];
    if (!generic) for (const field of fields) expect(value).toHaveProperty([field]);
  });
});

test("a table lets no text of the server control the terminal", async () => {
  const { stdout } = await print(["show", "j", "--output", "table"], {
    "GET /v1/job/j": json({ name: "a\u001b[2Jb\nc" }),
  });
  expect(stdout).toBe("name: ab c\n");
});

test("show fails without an answer when a form was asked for (W6)", async () => {
  const { exit, stdout, stderr } = await print(["show", "j", "--json"], { "GET /v1/job/j": text("<html>") });
  expect({ exit, stdout }).toEqual({ exit: 1, stdout: "" });
  expect(stderr).toContain("Unexpected answer to GET /v1/job/j: <html>");
});
