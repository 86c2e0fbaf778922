import { afterEach, beforeEach, expect, test } from "bun:test";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

const SECRET = "a-long-enough-secret";
const MAIN = join(import.meta.dir, "../../../src/server/main.ts");

let directory: string;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), "testflinger-admin-"));
});
afterEach(() => rm(directory, { recursive: true }));

const command = (...args: string[]) => [process.execPath, MAIN, "admin", ...args];
const env = () => ({ PATH: process.env.PATH, TESTFLINGER_DATA_DIR: directory });

async function run(args: string[], stdin = "") {
  const child = Bun.spawn(command(...args), { env: env(), stdin: Buffer.from(stdin), stdout: "pipe", stderr: "pipe" });
  const [out, err, status] = await Promise.all([
    new Response(child.stdout).text(),
    new Response(child.stderr).text(),
    child.exited,
  ]);
  return { out, err, status };
}

/** At a terminal: each answer is typed when its question has appeared. Everything that the terminal showed comes back. */
async function atTerminal(args: string[], dialogue: readonly [question: string, typed: string][]) {
  let shown = "",
    seen = 0;
  const rest = [...dialogue];
  const child = Bun.spawn(command(...args), {
    env: env(),
    terminal: {
      data(terminal, bytes) {
        shown += bytes.toString();
        const next = rest[0];
        if (!next || !shown.slice(seen).includes(next[0])) return;
        rest.shift();
        seen = shown.length;
        terminal.write(next[1]);
      },
    },
  });
  const status = await child.exited;
  child.terminal?.close();
  return { shown, status, unasked: rest.length };
}

test("the commands work on the database that the environment names, with audit events on standard error", async () => {
  const created = await run(["create-client", "ci", "--secret-stdin"], `${SECRET}\n`);
  expect([created.status, created.out]).toEqual([0, "Created client 'ci' with role contributor.\n"]);
  expect(JSON.parse(created.err).owasp_event.event).toMatch(/^user_created:[^,]+,ci,role=contributor/);
  const listed = await run(["list-clients", "--json"]);
  expect(JSON.parse(listed.out)).toEqual([{ client_id: "ci", kind: "password", role: "contributor" }]);
});

test("a secret that is typed is not shown", async () => {
  const { shown, status, unasked } = await atTerminal(
    ["create-client", "ci"],
    [
      ["Secret: ", `${SECRET}\r`],
      ["Secret again: ", `${SECRET}\r`],
    ],
  );
  expect([status, unasked]).toEqual([0, 0]);
  expect(shown).toContain("Created client 'ci'");
  expect(shown).not.toContain(SECRET);
});

test("Ctrl-C instead of a secret changes nothing", async () => {
  const { status, shown } = await atTerminal(["create-client", "ci"], [["Secret: ", "\u0003"]]);
  expect(status).not.toBe(0);
  expect(shown).not.toContain("Created");
  expect((await run(["list-clients", "--json"])).out).toBe("[]\n");
});

test("deleting asks at the terminal", async () => {
  await run(["create-client", "ci", "--generate"]);
  expect(await atTerminal(["delete-client", "ci"], [["[y/N]", "n\r"]])).toMatchObject({ status: 1 });
  expect(await atTerminal(["delete-client", "ci"], [["[y/N]", "y\r"]])).toMatchObject({ status: 0 });
  expect((await run(["list-clients", "--json"])).out).toBe("[]\n");
});

test("a configuration that is not usable is told by variable", async () => {
  const child = Bun.spawn(command("list-clients"), {
    env: { ...env(), MONGODB_HOST: "h" },
    stdout: "pipe",
    stderr: "pipe",
  });
  expect(await child.exited).toBe(2);
  expect(await new Response(child.stderr).text()).toContain("MONGODB_DATABASE");
});
