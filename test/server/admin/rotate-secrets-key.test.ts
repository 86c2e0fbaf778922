import { afterEach, beforeEach, expect, test } from "bun:test";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { runCommand } from "../../../src/server/admin/commands.ts";
import { secretFiles } from "../../../src/server/admin/secret-files.ts";
import type { Operator } from "../../../src/server/admin/operator.ts";
import { securityEvents } from "../../../src/server/log/security-events.ts";
import { DatabaseSecrets } from "../../../src/server/secrets/database.ts";
import { SecretKey } from "../../../src/server/secrets/secret-key.ts";
import { openSqliteStore } from "../../../src/server/store/sqlite/open.ts";
import { DEFAULT_RETENTION, type Store } from "../../../src/server/store/store.ts";

const [OLD, NEW, LOST] = [1, 2, 3].map((fill) => new Uint8Array(96).fill(fill)) as [Uint8Array, Uint8Array, Uint8Array];
const now = () => new Date("2026-01-01T00:00:00Z");

let directory: string, store: Store, audit: string[];
beforeEach(async () => {
  audit = [];
  directory = await mkdtemp(join(tmpdir(), "testflinger-admin-"));
  store = await openSqliteStore({ directory, retention: DEFAULT_RETENTION });
});
afterEach(async () => {
  await store.close();
  await rm(directory, { recursive: true });
});

const secretsUnder = async (masterKey: Uint8Array) =>
  DatabaseSecrets.open({ secrets: store.secrets, clients: store.clients, key: await SecretKey.of(masterKey), now });
const keep = async (masterKey: Uint8Array) =>
  (await secretsUnder(masterKey)).put("ann", "a", { value: "v", ephemeral: false, expiresAt: null });

async function rotate(args: string[], masterKeys?: Operator["masterKeys"]) {
  let out = "",
    err = "";
  const print = (text: string) => void (out += text);
  const nobody = async () => null;
  const terminal = { interactive: false, print, ask: nobody, askHidden: nobody, readAll: async () => "" };
  const events = securityEvents((line) => void audit.push(line), now, undefined);
  const random = (length: number) => crypto.getRandomValues(new Uint8Array(length));
  const status = await runCommand(
    ["rotate-secrets-key", ...args],
    { print, complain: (text) => void (err += text) },
    (run) => run({ name: "root", store, masterKeys, terminal, files: secretFiles, events, random, now }),
  );
  return { status, out, err };
}

test("Every secret is sealed under the new key", async () => {
  await keep(OLD);
  expect(await rotate([], { current: OLD, next: NEW })).toEqual({
    status: 0,
    out: "Secrets sealed under the new key: 1. Rotation complete.\n",
    err: "",
  });
  expect((await (await secretsUnder(NEW)).take("ann", "a"))?.value).toBe("v");
});

test("The audit log is told who has done it, and of nothing that was not done", async () => {
  await keep(OLD);
  await rotate([], { current: OLD, next: NEW });
  expect(audit.map((line) => JSON.parse(line).owasp_event)).toMatchObject([
    {
      event: "sensitive_update:root,secrets",
      level: "WARNING",
      description: "Operator root rotated the key of secrets: 1 sealed anew, 0 deleted",
    },
  ]);
  expect((await rotate([], { current: NEW })).status).toBe(1);
  expect(audit).toHaveLength(1);
});

test("With --json the numbers are told", async () => {
  await keep(OLD);
  const { out } = await rotate(["--json"], { current: OLD, next: NEW });
  expect(JSON.parse(out)).toEqual({ resealed: 1, deleted: 0 });
});

test("A secret under a lost key ends the command, or is deleted when that is asked for", async () => {
  await keep(LOST);
  const stopped = await rotate([], { current: OLD, next: NEW });
  expect([stopped.status, stopped.err]).toEqual([1, expect.stringContaining("'a' of 'ann'")]);
  const { status, out } = await rotate(["--delete-unreadable"], { current: OLD, next: NEW });
  expect([status, out]).toEqual([0, expect.stringContaining("Deleted because no key opens them: 1.")]);
  expect(await (await secretsUnder(NEW)).existing("ann", ["a"])).toEqual([]);
});

test.each<[string, Operator["masterKeys"]]>([
  ["none", undefined],
  ["only the old one", { current: OLD }],
])("With %s of the keys set the variables are named", async (_which, masterKeys) => {
  const { status, err } = await rotate([], masterKeys);
  expect(status).toBe(1);
  expect(err).toContain("TESTFLINGER_SECRETS_MASTER_KEY");
  expect(err).toContain("TESTFLINGER_SECRETS_NEW_MASTER_KEY");
});

test("Words that mean nothing are refused", async () => {
  expect((await rotate(["now"], { current: OLD, next: NEW })).status).toBe(2);
});
