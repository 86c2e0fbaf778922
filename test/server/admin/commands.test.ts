import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openSqliteStore } from "../../../src/server/store/sqlite/open.ts";
import { DEFAULT_RETENTION, type Store } from "../../../src/server/store/store.ts";
import { secretMatches } from "../../../src/server/tokens/client-secret.ts";
import { TestClock } from "../../support/clock.ts";
import { type Given, runAdminCommand } from "./command-line.ts";

const SECRET = "a-long-enough-secret";

let directory: string, store: Store;
const clock = new TestClock();

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), "testflinger-admin-"));
  store = await openSqliteStore({ directory, retention: DEFAULT_RETENTION });
});
afterEach(async () => {
  await store.close();
  await rm(directory, { recursive: true });
});

const admin = (line: string | string[], given?: Given) => runAdminCommand(line, { store, now: clock.now }, given);

const hasSecret = async (id: string, secret: string) =>
  secretMatches(secret, (await store.clients.find(id))?.secretHash);

describe("create-client", () => {
  test("asks for the secret twice", async () => {
    const { status, out, questions, events, audit } = await admin("create-client ci", { answers: [SECRET, SECRET] });
    expect([status, out]).toEqual([0, "Created client 'ci' with role contributor.\n"]);
    expect(questions).toEqual(["Secret: ", "Secret again: "]);
    expect(await hasSecret("ci", SECRET)).toBe(true);
    expect(events).toEqual(["user_created:root,ci,role=contributor,max_priority,max_reservation_time,allowed_queues"]);
    expect(audit + out).not.toContain(SECRET);
  });

  test.each(["\n", "\r\n", ""])("reads the secret from standard input, without its line end %j", async (end) => {
    expect(await admin("create-client ci --secret-stdin", { stdin: `${SECRET}${end}` })).toMatchObject({ status: 0 });
    expect(await hasSecret("ci", SECRET)).toBe(true);
  });

  test("makes a secret and shows it once", async () => {
    const { out, audit } = await admin("create-client lab-1 --role agent --generate");
    const [, secret] = /shown only this once: (\S+)\n$/.exec(out)!;
    expect(secret).toMatch(/^[A-Za-z0-9]{32}$/);
    expect(await hasSecret("lab-1", secret!)).toBe(true);
    expect(audit).not.toContain(secret!);
    expect((await admin("list-clients --json")).out).not.toContain(secret!);
  });

  test("takes everything that a client may do", async () => {
    const { out, status } = await admin(
      "create-client ci --generate --role manager --email me@example.com --max-priority *=1 --max-priority q=10 --max-reservation-time q=2h --max-reservation-time *=90 --allowed-queue rq --json",
    );
    expect(status).toBe(0);
    expect(JSON.parse(out)).toEqual({
      client_id: "ci",
      kind: "password",
      role: "manager",
      max_priority: { "*": 1, q: 10 },
      max_reservation_time: { "*": 90, q: 7200 },
      allowed_queues: ["rq"],
      email: "me@example.com",
      client_secret: expect.stringMatching(/^[A-Za-z0-9]{32}$/),
    });
    expect((await store.clients.find("ci"))!.permissions).toEqual({
      role: "manager",
      max_priority: { "*": 1, q: 10 },
      max_reservation_time: { "*": 90, q: 7200 },
      allowed_queues: ["rq"],
      email: "me@example.com",
    });
    expect(await store.queues.owners("rq")).toEqual(["ci"]);
  });

  test("may make the system administrator, whom the API does not touch", async () => {
    expect(await admin("create-client testflinger-admin --role admin --generate")).toMatchObject({ status: 0 });
    expect(await store.clients.find("testflinger-admin")).toMatchObject({ permissions: { role: "admin" } });
  });

  test("does not replace a client", async () => {
    await admin("create-client ci --secret-stdin", { stdin: SECRET });
    const { status, err } = await admin("create-client ci --generate");
    expect([status, err]).toEqual([
      1,
      "testflinger-server admin create-client: client 'ci' exists already; change it with set-permissions\n",
    ]);
    expect(await hasSecret("ci", SECRET)).toBe(true);
  });

  test.each([
    ["too short", { stdin: "x".repeat(14) }],
    ["too long", { stdin: "x".repeat(73) }],
    ["too long in bytes", { stdin: "ü".repeat(37) }],
    ["empty", { stdin: "" }],
  ])("refuses a secret that is %s", async (_case, given) => {
    const { status, err, events } = await admin("create-client ci --secret-stdin", given);
    expect(status).toBe(1);
    expect(err).toContain("15 characters at least, 72 bytes at most");
    expect(await store.clients.find("ci")).toBeNull();
    expect(events).toEqual([]);
  });

  test.each([
    ["that differ", [SECRET, "another-long-secret"], "the two secrets differ; nothing was changed"],
    ["that are not given", [null], "no secret was entered; nothing was changed"],
  ])("makes nothing of two secrets %s", async (_case, answers, message) => {
    const { status, err } = await admin("create-client ci", { answers });
    expect([status, err]).toEqual([1, `testflinger-server admin create-client: ${message}\n`]);
    expect(await store.clients.find("ci")).toBeNull();
  });
});

describe("a wrong command line", () => {
  test.each([
    ["create-client", "the name of the client is missing"],
    ["create-client a b --generate", "one name expected, got 2"],
    ["create-client a/b --generate", "a client's name must not be empty nor hold slashes or control characters"],
    ["create-client ci", "there is no terminal to ask for the secret: use --generate or --secret-stdin"],
    ["create-client ci --generate --secret-stdin", "--generate and --secret-stdin exclude each other"],
    ["create-client ci --generate --role king", "--role: 'king' is none of agent, contributor, manager, admin"],
    ["create-client ci --generate --email nope", "--email: 'nope' is not an email address"],
    ["create-client ci --generate --max-priority q", "--max-priority: 'q' is not of the form QUEUE=VALUE"],
    ["create-client ci --generate --max-priority =5", "--max-priority: '=5' is not of the form QUEUE=VALUE"],
    ["create-client ci --generate --max-priority q=5.5", "--max-priority q=5.5: '5.5' is not a whole number"],
    ["create-client ci --generate --max-priority q=99999999999999999999", "is not a whole number"],
    [
      "create-client ci --generate --max-reservation-time q=soon",
      "--max-reservation-time q=soon: Invalid duration format: 'soon'",
    ],
    ["create-client ci --secret abc", "Unknown option '--secret'"],
    ["set-permissions ci", "nothing to change was given"],
    ["set-permissions ci --json", "nothing to change was given"],
    ["list-clients ci", "unexpected word 'ci'"],
    ["delete-client", "the name of the client is missing"],
  ])("'%s' is told what is wrong with it", async (line, message) => {
    const { status, err, out } = await admin(line);
    expect([status, out]).toEqual([2, ""]);
    expect(err).toContain(message);
    expect(err).toEndWith(`\nSee testflinger-server admin ${line.split(" ")[0]} --help.\n`);
    expect(await store.clients.list()).toEqual([]);
  });

  test("of an unknown command is told where help is", async () => {
    expect(await admin("destroy")).toMatchObject({
      status: 2,
      err: "testflinger-server admin: unknown command 'destroy'. See testflinger-server admin --help.\n",
    });
    expect(await admin(["constructor"])).toMatchObject({ status: 2 });
  });
});

describe("help", () => {
  test.each([
    "--help",
    "-h",
    "help",
    "create-client --help",
    "set-permissions -h",
    "list-clients --help",
    "delete-client x --help",
  ])("'%s' needs no database", async (line) => {
    expect(await admin(line)).toMatchObject({
      status: 0,
      err: "",
      opened: 0,
      out: expect.stringContaining("Usage: testflinger-server admin"),
    });
  });

  test("is shown for an empty command line, which is wrong", async () => {
    expect(await admin("")).toMatchObject({ status: 2, out: expect.stringContaining("create-client NAME") });
  });

  test.each(["create-client", "set-permissions", "list-clients", "delete-client"])(
    "of %s fits a terminal",
    async (command) => {
      const { out } = await admin(`${command} --help`);
      expect(Math.max(...out.split("\n").map((line) => line.length))).toBeLessThanOrEqual(100);
    },
  );
});

describe("set-permissions", () => {
  beforeEach(() =>
    store.clients.create({
      id: "ci",
      secretHash: "hash",
      permissions: { role: "contributor", max_priority: { a: 1, b: 2 }, email: "a@example.com" },
      createdAt: clock.now(),
    }),
  );

  test("changes what is given and nothing else", async () => {
    const { status, out, events } = await admin("set-permissions ci --role manager --max-priority c=3");
    expect([status, out]).toEqual([0, "Changed client 'ci'.\n"]);
    expect(await store.clients.find("ci")).toMatchObject({
      secretHash: "hash",
      permissions: { role: "manager", max_priority: { c: 3 }, email: "a@example.com" },
    });
    expect(events).toEqual([
      "privilege_permissions_changed:ci,contributor,manager",
      "user_updated:root,ci,role=manager,max_priority,max_reservation_time,allowed_queues",
    ]);
  });

  test("disables and enables", async () => {
    await admin("set-permissions ci --disable");
    expect(await store.clients.find("ci")).toMatchObject({ disabled: true });
    expect((await admin("list-clients")).out).toContain("contributor (disabled)");
    expect(JSON.parse((await admin("list-clients --json")).out)[0]).toMatchObject({ client_id: "ci", disabled: true });
    await admin("set-permissions ci --enable");
    expect(await store.clients.find("ci")).not.toHaveProperty("disabled");
    expect(await admin("set-permissions ci --enable --disable")).toMatchObject({
      status: 2,
      err: expect.stringContaining("--disable and --enable exclude each other"),
    });
  });

  test("binds to agents and sets free", async () => {
    await admin("set-permissions ci --allowed-agent lab-* --allowed-agent rpi");
    expect((await store.clients.find("ci"))?.permissions.allowed_agents).toEqual(["lab-*", "rpi"]);
    await admin("set-permissions ci --clear-allowed-agents");
    expect((await store.clients.find("ci"))?.permissions).not.toHaveProperty("allowed_agents");
  });

  test("takes limits away", async () => {
    await admin("set-permissions ci --clear-max-priority --clear-max-reservation-time");
    expect((await store.clients.find("ci"))!.permissions).toMatchObject({ max_priority: {}, max_reservation_time: {} });
  });

  test.each([
    ["asked for", "--ask-secret", { answers: [SECRET, SECRET] }],
    ["from standard input", "--secret-stdin", { stdin: SECRET }],
  ])("sets a secret that is %s", async (_case, option, given) => {
    const { status, events } = await admin(`set-permissions ci ${option}`, given);
    expect(status).toBe(0);
    expect(await hasSecret("ci", SECRET)).toBe(true);
    expect(events).toContain("authn_password_change:ci");
  });

  test("makes a new secret and shows it once", async () => {
    const { out } = await admin("set-permissions ci --generate --json");
    expect(await hasSecret("ci", JSON.parse(out).client_secret)).toBe(true);
  });

  test("lets a client into restricted queues and shuts it out", async () => {
    await admin("set-permissions ci --allowed-queue a --allowed-queue b");
    expect(await store.queues.restricted()).toEqual([
      { queue: "a", owners: ["ci"] },
      { queue: "b", owners: ["ci"] },
    ]);
    await admin("set-permissions ci --remove-allowed-queue a");
    expect(await store.queues.restricted()).toEqual([{ queue: "b", owners: ["ci"] }]);
  });

  test("gives patterns and takes them away; a name with a star stays a name", async () => {
    await admin(["set-permissions", "ci", "--allowed-queue-pattern", "rpi4-*", "--allowed-queue-pattern", "x86"]);
    await admin(["set-permissions", "ci", "--allowed-queue", "q*"]);
    expect((await store.clients.find("ci"))?.permissions).toMatchObject({
      allowed_queues: ["q*"],
      allowed_queue_patterns: ["rpi4-*", "x86"],
    });
    expect((await admin("list-clients")).out).toContain("q* rpi4-* x86");
    await admin("set-permissions ci --clear-allowed-queue-patterns");
    expect((await store.clients.find("ci"))?.permissions).not.toHaveProperty("allowed_queue_patterns");
    expect(await admin(["set-permissions", "ci", "--allowed-queue-pattern", ""])).toMatchObject({
      status: 2,
      err: expect.stringContaining("--allowed-queue-pattern"),
    });
  });

  test("says what the members of a group may do", async () => {
    const { status, out } = await admin([
      "set-permissions",
      "group:/lab/kernel",
      "--allowed-queue=q",
      "--max-priority=*=5",
      "--json",
    ]);
    expect([status, JSON.parse(out)]).toEqual([
      0,
      {
        client_id: "group:/lab/kernel",
        kind: "group",
        role: "contributor",
        max_priority: { "*": 5 },
        allowed_queues: ["q"],
      },
    ]);
    expect(await store.queues.owners("q")).toEqual(["group:/lab/kernel"]);
    await admin("set-permissions group:/lab/kernel --remove-allowed-queue q");
    expect(await store.queues.owners("q")).toBeNull();
    expect(await admin("delete-client group:/lab/kernel --yes")).toMatchObject({ status: 0 });
  });

  test.each(["--role admin", "--generate", "--email a@example.com", "--allowed-agent a", "--disable"])(
    "gives a group no %s",
    async (option) => {
      expect(await admin(`set-permissions group:kernel ${option}`)).toMatchObject({
        status: 1,
        err: expect.stringContaining("a group has only"),
      });
      expect(await store.clients.find("group:kernel")).toBeNull();
    },
  );

  test.each([
    "create-client group:kernel --generate",
    "create-agent group:kernel",
    "create-person group:kernel@example.com",
  ])("is the way to a group, and %s is not", async (line) => {
    expect(await admin(line)).toMatchObject({ status: 2, err: expect.stringContaining("set-permissions") });
    expect((await store.clients.list()).map(({ id }) => id)).toEqual(["ci"]);
  });

  test("gives a person neither secret nor email", async () => {
    await store.clients.recordLogin(
      { issuer: "https://idp", sub: "1", email: "p@example.com", name: "P" },
      clock.now(),
    );
    for (const option of ["--generate", "--email x@example.com"]) {
      const { status, err } = await admin(`set-permissions p@example.com ${option}`);
      expect(status).toBe(1);
      expect(err).toContain("logs in at the identity provider");
    }
    expect(await admin("set-permissions p@example.com --role admin")).toMatchObject({ status: 0 });
    expect(await store.clients.find("p@example.com")).toMatchObject({ permissions: { role: "admin" } });
  });

  test("needs a client that exists", async () => {
    expect(await admin("set-permissions other --role agent")).toMatchObject({
      status: 1,
      err: "testflinger-server admin set-permissions: there is no client 'other'\n",
    });
  });
});

describe("delete-client", () => {
  beforeEach(() => store.clients.create({ id: "ci", permissions: {}, createdAt: clock.now() }));

  test.each(["y", "Yes", " yes "])("asks, and deletes for the answer %j", async (answer) => {
    const { status, out, events, questions } = await admin("delete-client ci", { answers: [answer] });
    expect([status, out]).toEqual([0, "Deleted client 'ci'.\n"]);
    expect(questions).toEqual([expect.stringContaining("Delete client 'ci'")]);
    expect(events).toEqual(["user_deleted:root,ci"]);
    expect(await store.clients.find("ci")).toBeNull();
  });

  test.each(["", "n", "yeah", null])("keeps the client for the answer %j", async (answer) => {
    expect(await admin("delete-client ci", { answers: [answer] })).toMatchObject({ status: 1, events: [] });
    expect(await store.clients.find("ci")).not.toBeNull();
  });

  test("does not ask when told so", async () => {
    const { out, questions } = await admin("delete-client ci --yes --json");
    expect([JSON.parse(out), questions]).toEqual([{ client_id: "ci", deleted: true }, []]);
  });

  test("deletes nothing where nobody can be asked", async () => {
    expect(await admin("delete-client ci")).toMatchObject({ status: 2, err: expect.stringContaining("add --yes") });
    expect(await store.clients.find("ci")).not.toBeNull();
  });
});

describe("list-clients", () => {
  test("shows a table that no name can break", async () => {
    await store.clients.create({
      id: "ci",
      permissions: { role: "manager", max_priority: { "*": 5 } },
      createdAt: clock.now(),
    });
    await store.clients.create({
      id: "日本\u001b[2J",
      permissions: { max_reservation_time: { q: 60 } },
      createdAt: clock.now(),
    });
    expect((await admin("list-clients")).out).toBe(
      [
        "CLIENT    KIND      ROLE         PRIORITY  RESERVATION  QUEUES  AGENTS",
        "ci        password  manager      *=5       -            -       -",
        "日本\uFFFD[2J  password  contributor  -         q=60s        -       -",
        "",
      ].join("\n"),
    );
  });

  test("shows people with their name and last login as JSON", async () => {
    await store.clients.recordLogin(
      { issuer: "https://idp", sub: "1", email: "p@example.com", name: "P" },
      clock.now(),
    );
    expect(JSON.parse((await admin("list-clients --json")).out)).toEqual([
      {
        client_id: "p@example.com",
        kind: "person",
        role: "contributor",
        name: "P",
        last_login: clock.now().toISOString(),
      },
    ]);
  });

  test("says so when there are none", async () => {
    expect((await admin("list-clients")).out).toBe("There are no clients yet.\n");
  });
});
