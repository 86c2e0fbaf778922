import { describe, expect, test } from "bun:test";
import { json, text } from "../../support/scripted-server.ts";
import { runAgainst } from "./one-job.ts";

const cancel = (id: string) => `POST /v1/job/${id}/action`;

describe("cancel", () => {
  test("cancels several jobs without a word", async () => {
    const { exit, stdout, stderr, requests } = await runAgainst(
      { [cancel("a")]: text("OK"), [cancel("b")]: text("OK") },
      ["cancel", "a", "b"],
    );
    expect({ exit, stdout, stderr }).toEqual({ exit: 0, stdout: "", stderr: "" });
    expect(requests).toEqual([cancel("a"), cancel("b")]);
  });

  test("goes on behind a job that cannot be cancelled, and fails in the end", async () => {
    const { exit, stderr, requests } = await runAgainst(
      {
        [cancel("a")]: text("it is over", 400),
        [cancel("b")]: text("OK"),
        [cancel("c")]: json({ message: "no" }, 403),
      },
      ["cancel", "a", "b", "c"],
    );
    expect(exit).toBe(1);
    expect(stderr).toBe(
      "Job a is already complete/cancelled, or is not known to the server: it is over\nJob c was not cancelled: [403] no\n",
    );
    expect(requests).toHaveLength(3);
  });

  test("stops at a failure that would meet every other job too", async () => {
    const { exit, stderr, requests } = await runAgainst({ [cancel("a")]: text("<html>VPN</html>", 403) }, [
      "cancel",
      "a",
      "b",
    ]);
    expect(exit).toBe(1);
    expect(stderr).toStartWith("403 Forbidden Error");
    expect(requests).toEqual([cancel("a")]);
  });

  test("wants at least one job", async () => {
    const { exit, stderr } = await runAgainst({}, ["cancel"]);
    expect(exit).toBe(2);
    expect(stderr).toContain("the following arguments are required: job_id");
  });
});
