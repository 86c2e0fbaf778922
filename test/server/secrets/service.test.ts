import { beforeEach, describe, expect, test } from "bun:test";
import type { Logger } from "../../../src/server/log/logger.ts";
import type { SecurityEvents } from "../../../src/server/log/security-events.ts";
import { SecretRefused, type SecretsBackend, SecretsUnavailable } from "../../../src/server/secrets/backend.ts";
import { Problem } from "../../../src/server/http/problem.ts";
import { DatabaseSecrets } from "../../../src/server/secrets/database.ts";
import { SecretKey } from "../../../src/server/secrets/secret-key.ts";
import { SecretsService } from "../../../src/server/secrets/service.ts";
import { eachWithStore } from "./store.ts";

const key = await SecretKey.of(new Uint8Array(96).fill(1));
const ann = { clientId: "ann", role: "contributor", permissions: {} } as const;

const subject = eachWithStore();
let now: Date;
let logged: string[];
let told: string[];
let backend: SecretsBackend;
let secrets: SecretsService;

const log: Logger = {
  info: (message) => logged.push(message),
  warn: (message) => logged.push(message),
  error: (message) => logged.push(message),
};
const later = (seconds: number): Date => new Date(now.getTime() + seconds * 1000);
const events: SecurityEvents = { emit: (_level, name, args) => void told.push(`${name}:${args.join(",")}`) };
const service = (on: SecretsBackend | null) => new SecretsService({ backend: on, events, now: () => now, log });

/** That is handed out once and for all. */
const JOB = { jobId: "job-0" };

beforeEach(async () => {
  now = new Date("2026-01-01T00:00:00Z");
  logged = [];
  told = [];
  const { secrets: store, clients } = subject.store;
  backend = await DatabaseSecrets.open({ secrets: store, clients, key, now: () => now });
  secrets = service(backend);
});

const put = (path: string, value: string, ephemeral = false) => secrets.put(ann, "ann", path, { value, ephemeral });

/** ASVS 5.0 control 16.2.1 and the vocabulary of config section 6. */
test("the audit log is told of every use of a secret, and not of what it holds", async () => {
  await put("a/b", "the-value");
  await put("a/b", "the-other-value");
  await secrets.resolve("ann", { A: "a/b", MISSING: "nothing" }, JOB);
  await secrets.delete(ann, "ann", "a/b");
  expect(told).toEqual(
    ["create", "update", "read", "delete"].map((what) => `sensitive_${what}:ann,/v1/secrets/ann/a/b`),
  );
});

describe("At submission", () => {
  test("paths without a secret are inaccessible, sorted and named once", async () => {
    await put("there", "v");
    expect(await secrets.inaccessible("ann", ["zz", "there", "aa", "zz"])).toEqual(["aa", "zz"]);
  });
  test("another client's secrets are inaccessible", async () => {
    await put("there", "v");
    expect(await secrets.inaccessible("bob", ["there"])).toEqual(["there"]);
  });
});

describe("At the start of a job", () => {
  const delivery = () => ({ jobId: "job-1", until: later(60) });

  test("every variable gets the value of its path", async () => {
    await put("a", "1");
    await put("b/c", "2");
    expect(await secrets.resolve("ann", { A: "a", B: "b/c", AGAIN: "a" }, JOB)).toEqual({ A: "1", B: "2", AGAIN: "1" });
  });
  test("what is gone is empty, and the log says so without the value", async () => {
    await put("a", "1");
    await secrets.delete(ann, "ann", "a");
    expect(await secrets.resolve("ann", { A: "a" }, JOB)).toEqual({ A: "" });
    expect(logged).toEqual(["secret of a job is gone"]);
  });
  test("a store out of reach makes values empty, not the start impossible", async () => {
    const down = { ...backend, take: () => Promise.reject(new SecretsUnavailable("down")) };
    expect(await service(down).resolve("ann", { A: "a" }, JOB)).toEqual({ A: "" });
    expect(logged).toEqual(["secret of a job is not readable"]);
  });
  test("without a store every value is empty", async () => {
    expect(await service(null).resolve("ann", { A: "a" }, JOB)).toEqual({ A: "" });
  });
  test("several variables may have one single-use secret", async () => {
    await put("once", "v", true);
    expect(await secrets.resolve("ann", { A: "once", B: "once" }, JOB)).toEqual({ A: "v", B: "v" });
    expect(await secrets.resolve("ann", { A: "once" }, JOB)).toEqual({ A: "" });
  });
  test("of two jobs one gets a single-use secret", async () => {
    await put("once", "v", true);
    const jobs = await Promise.all([
      secrets.resolve("ann", { A: "once" }, JOB),
      secrets.resolve("ann", { A: "once" }, JOB),
    ]);
    expect(jobs.map(({ A }) => A).sort()).toEqual(["", "v"]);
  });
  test("a job whose answer got lost gets its single-use secret again, for a while", async () => {
    await put("once", "v", true);
    expect(await secrets.resolve("ann", { A: "once" }, delivery())).toEqual({ A: "v" });
    expect(await secrets.resolve("ann", { A: "once" }, delivery())).toEqual({ A: "v" });
    expect(await secrets.resolve("ann", { A: "once" }, { ...delivery(), jobId: "job-2" })).toEqual({ A: "" });
    now = later(60);
    expect(await secrets.resolve("ann", { A: "once" }, delivery())).toEqual({ A: "" });
  });
  test("a value at hand is not lost when it cannot be kept for a repetition", async () => {
    await put("once", "v", true);
    const full: SecretsBackend = {
      name: "full",
      put: () => Promise.reject(new SecretsUnavailable("full")),
      take: (owner, path) => backend.take(owner, path),
      existing: (owner, paths) => backend.existing(owner, paths),
      delete: (owner, path) => backend.delete(owner, path),
      maintain: () => backend.maintain(),
    };
    expect(await service(full).resolve("ann", { A: "once" }, delivery())).toEqual({ A: "v" });
  });
});

describe("A write", () => {
  const refusal = (work: Promise<unknown>) =>
    work.then(
      () => "none",
      (error: unknown) => (error instanceof Problem ? error.status : error),
    );
  const failing = (error: Error) => service({ ...backend, existing: async () => [], put: () => Promise.reject(error) });
  const value = { value: "v", ephemeral: false };

  test("that the store refuses is 400", async () => {
    expect(await refusal(failing(new SecretRefused("no")).put(ann, "ann", "a", value))).toBe(400);
  });
  test("that does not reach the store is 503", async () => {
    expect(await refusal(failing(new SecretsUnavailable("down")).put(ann, "ann", "a", value))).toBe(503);
  });
  test("of what no date can tell the end of is 422", async () => {
    expect(await refusal(secrets.put(ann, "ann", "a", { ...value, expire_after: Number.MAX_SAFE_INTEGER }))).toBe(422);
  });
  test("of what no document can hold is 422", async () => {
    expect(await refusal(secrets.put(ann, "ann", "a", { ...value, value: "ü".repeat(8 * 1024 * 1024) }))).toBe(422);
  });
});
