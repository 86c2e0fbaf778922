import { describe, expect, test } from "bun:test";
import { json } from "../../support/scripted-server.ts";
import { runAgainst } from "./one-job.ts";

const FOUND = json([
  { job_id: "old", job_state: "waiting", created_at: { $date: "2026-11-23T09:00:00Z" } },
  { job_id: "new", job_state: "test", created_at: "2026-11-23T10:00:00Z" },
]);

describe("search", () => {
  test("shows jobs newest first", async () => {
    const { exit, stdout } = await runAgainst({ "GET /v1/job/search": FOUND }, ["search"]);
    expect(exit).toBe(0);
    expect(stdout).toBe(
      "JOB ID  STATE    SUBMITTED\nnew     test     2026-11-23 10:00:00 UTC\nold     waiting  2026-11-23 09:00:00 UTC\n",
    );
  });

  test("asks for tags and states, and keeps what was asked for", async () => {
    const { stdout, requests } = await runAgainst(
      { "GET /v1/job/search?tags=a&tags=b&match=all&state=active": FOUND },
      ["search", "--tag", "a", "--tag", "b", "--match", "all", "--state", "waiting", "--json"],
    );
    expect(requests).toEqual(["GET /v1/job/search?tags=a&tags=b&match=all&state=active"]);
    expect(JSON.parse(stdout)).toEqual([{ job_id: "old", job_state: "waiting", created_at: "2026-11-23T09:00:00Z" }]);
  });

  test("says when there is nothing", async () => {
    expect(await runAgainst({ "GET /v1/job/search": json([]) }, ["search"])).toMatchObject({
      exit: 0,
      stdout: "No jobs found.\n",
    });
  });

  test("fails with the reason of the server", async () => {
    const answer = json({ message: "Validation error", detail: { query: {} } }, 422);
    expect(await runAgainst({ "GET /v1/job/search": answer }, ["search"])).toMatchObject({
      exit: 1,
      stdout: "",
      stderr: "Validation error\n",
    });
  });
});
