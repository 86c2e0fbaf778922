import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import { mkdtempSync, rmSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { UsageError } from "../../../src/cli/errors.ts";
import { refuseSnapPrivate, snapPrivateError } from "../../../src/cli/files/snap.ts";

const SNAP = { SNAP_NAME: "testflinger-cli" };
let folder: string;
beforeEach(() => void (folder = mkdtempSync(join("/tmp", "snap-"))));
afterEach(() => rmSync(folder, { recursive: true }));

describe("refuseSnapPrivate", () => {
  test.each(["/tmp/job.yaml", "/tmp/no/such/folder/job.yaml", "/usr/../tmp/job.yaml"])("refuses %s", (path) => {
    expect(() => refuseSnapPrivate(path, { cwd: "/", env: SNAP })).toThrow(UsageError);
  });

  test("refuses a relative path in such a folder, and a link into it", () => {
    expect(() => refuseSnapPrivate("job.yaml", { cwd: folder, env: SNAP })).toThrow(
      "File job.yaml is in a snap-private",
    );
    const elsewhere = mkdtempSync("/var/tmp/snap-");
    symlinkSync(folder, join(elsewhere, "link"));
    try {
      expect(() => refuseSnapPrivate("link/job.yaml", { cwd: elsewhere, env: SNAP })).toThrow(UsageError);
    } finally {
      rmSync(elsewhere, { recursive: true });
    }
  });

  test.each([
    ["/tmp/job.yaml", {}],
    ["/tmp/job.yaml", { SNAP_NAME: "another" }],
    ["/tmpfiles/job.yaml", SNAP],
    ["/", SNAP],
  ])("accepts %s with %j", (path, env) => {
    expect(() => refuseSnapPrivate(path, { cwd: "/", env })).not.toThrow();
    expect(snapPrivateError(path, env)).toBeUndefined();
  });
});
