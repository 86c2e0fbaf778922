import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import { type TestApp, testApp } from "../../support/test-app.ts";

const LIMIT = 3_000_000;
const ID = "0d4f1f3b-45a4-4a4a-9f64-2a9d6a5b8a01";
const UNKNOWN = "0d4f1f3b-45a4-4a4a-9f64-2a9d6a5b8a99";

let app: TestApp;
let agent: string;
let contributor: string;

beforeEach(async () => {
  app = await testApp({ env: { MAX_ATTACHMENT_SIZE: String(LIMIT), MAX_ARTIFACT_SIZE: String(LIMIT) } });
  agent = await app.token("agent-1", { role: "agent" });
  contributor = await app.token("ann", { role: "contributor" });
  await app.store.jobs.submit({
    id: ID,
    createdAt: new Date(),
    definition: { job_queue: "q", test_data: { attachments: [{ agent: "a" }] } },
    attachments: "waiting",
    priority: 0,
  });
});
afterEach(() => app.close());

const attachments = `/v1/job/${ID}/attachments`;
const artifact = `/v1/result/${ID}/artifact`;
const form = (content: BlobPart): FormData => {
  const data = new FormData();
  data.append("file", new Blob([content]), "archive.tar.gz");
  return data;
};
const call = (method: string, path: string, token: string, body?: BodyInit, headers: Record<string, string> = {}) =>
  app.fetch(
    new Request(`http://localhost${path}`, { method, body, headers: { authorization: `Bearer ${token}`, ...headers } }),
  );
const upload = (path: string, token: string, content: BlobPart) => call("POST", path, token, form(content));
const download = async (path: string, token: string) => {
  const answer = await call("GET", path, token);
  return answer.status === 200 ? answer.text() : answer.status;
};

/** A body that tells whether anybody began to read it. */
function watched(text = "") {
  const seen = { read: false };
  const body = new ReadableStream<Uint8Array>(
    {
      pull(controller) {
        seen.read = true;
        controller.enqueue(new TextEncoder().encode(text));
        controller.close();
      },
    },
    { highWaterMark: 0 },
  );
  return { seen, body };
}
const MULTIPART = { "content-type": "multipart/form-data; boundary=b" };
const cutForm = '--b\r\nContent-Disposition: form-data; name="file"; filename="a"\r\n\r\nhalf of it';

/** A client that hangs up in the middle of the file. */
const hangingUp = (): ReadableStream<Uint8Array> =>
  new ReadableStream({
    start: (controller) => controller.enqueue(new TextEncoder().encode(cutForm)),
    pull: (controller) => controller.error(new DOMException("The connection was closed.", "AbortError")),
  });

describe("The body of an upload is not read when", () => {
  const refused = (
    what: string,
    prepare: () => Promise<unknown>,
    path: string,
    status: number,
    by: "agent" | "ann" = "ann",
  ) =>
    test(what, async () => {
      await prepare();
      const { seen, body } = watched();
      const answer = await call("POST", path, by === "ann" ? contributor : agent, body, MULTIPART);
      expect(answer.status).toBe(status);
      expect(seen.read).toBeFalse();
    });
  const nothing = async () => {};
  refused("the job is unknown", nothing, `/v1/job/${UNKNOWN}/attachments`, 422);
  refused("the id is malformed", nothing, "/v1/job/nope/attachments", 400);
  refused("the job was cancelled", () => app.store.jobs.cancel(ID, new Date()), attachments, 422);
  refused("the attachments are there already", () => app.store.jobs.completeAttachments(ID), attachments, 200);
  refused("the role is wrong", nothing, attachments, 403, "agent");
  test("its announced length is too large", async () => {
    const { seen, body } = watched();
    const headers = { ...MULTIPART, "content-length": String(LIMIT * 2) };
    expect((await call("POST", attachments, contributor, body, headers)).status).toBe(413);
    expect(seen.read).toBeFalse();
  });
});

describe("An upload that does not arrive whole leaves nothing:", () => {
  test.each<[string, () => BodyInit]>([
    ["the client hangs up", hangingUp],
    ["the form is cut off", () => cutForm],
    ["the file is too large", () => `${cutForm}${"x".repeat(LIMIT)}\r\n--b--\r\n`],
  ])("%s", async (_what, body) => {
    expect((await call("POST", attachments, contributor, body(), MULTIPART)).status).toBeOneOf([400, 413]);
    expect((await call("POST", artifact, agent, body(), MULTIPART)).status).toBeOneOf([400, 413]);
    expect(await download(attachments, agent)).toBe(204);
    expect(await download(artifact, contributor)).toBe(204);
    expect((await app.store.jobs.summary(ID))?.attachments).toBe("waiting");
  });
  test("an earlier artifact stays", async () => {
    await upload(artifact, agent, "whole");
    await call("POST", artifact, agent, hangingUp(), MULTIPART);
    expect(await download(artifact, contributor)).toBe("whole");
  });
});

describe("While attachments are being uploaded", () => {
  /** An upload that does something before it ends. */
  const uploadWith = (during: () => Promise<unknown>) => {
    const body = new ReadableStream<Uint8Array>(
      {
        async pull(controller) {
          controller.enqueue(new TextEncoder().encode(cutForm));
          await during();
          controller.enqueue(new TextEncoder().encode("\r\n--b--\r\n"));
          controller.close();
        },
      },
      { highWaterMark: 0 },
    );
    return call("POST", attachments, contributor, body, MULTIPART);
  };

  test("a cancelled job gets none", async () => {
    const answer = await uploadWith(() => app.store.jobs.cancel(ID, new Date()));
    expect([answer.status, await answer.text()]).toEqual([422, `Job ${ID} is not valid\n`]);
    expect(await download(attachments, agent)).toBe(204);
  });
  test("a faster upload wins, and the slower one succeeds", async () => {
    const answer = await uploadWith(() => upload(attachments, contributor, "faster"));
    expect([answer.status, await answer.text()]).toEqual([200, "OK"]);
    expect(await download(attachments, agent)).toBe("faster");
  });
});

test("A waiting agent gets the job as soon as its attachments are there", async () => {
  await call("POST", "/v1/agents/data/agent-1", agent, JSON.stringify({ queues: ["q"] }), {
    "content-type": "application/json",
  });
  const waiting = call("GET", "/v1/job?queue=q&wait=30", agent, undefined, { cookie: "agent_name=agent-1" });
  await upload(attachments, contributor, "content");
  expect(await (await waiting).json()).toMatchObject({ job_id: ID, attachments_status: "complete" });
});

test("An artifact of an unknown job is checked but not kept, and the log says so", async () => {
  expect((await call("POST", `/v1/result/${UNKNOWN}/artifact`, agent)).status).toBe(400);
  expect((await upload(`/v1/result/${UNKNOWN}/artifact`, agent, "x")).status).toBe(200);
  expect(app.lines.join("\n")).toContain("artifact for an unknown job");
  expect(await download(`/v1/result/${UNKNOWN}/artifact`, contributor)).toBe(204);
});

describe("A download", () => {
  test("is saved by browsers and not kept by caches", async () => {
    await upload(artifact, agent, "content");
    const { headers } = await call("GET", artifact, contributor);
    expect(headers.get("content-type")).toBe("application/gzip");
    expect(headers.get("content-disposition")).toBe('attachment; filename="artifact.tar.gz"');
    expect(headers.get("cache-control")).toBe("no-cache");
    expect(headers.get("content-encoding")).toBeNull();
    expect(headers.get("x-content-type-options")).toBe("nosniff");
  });
  test("brings back every byte", async () => {
    const bytes = crypto.getRandomValues(new Uint8Array(60_000));
    const content = Buffer.concat(Array.from({ length: 20 }, () => bytes));
    await upload(attachments, contributor, content);
    const answer = await call("GET", attachments, agent);
    expect(Buffer.from(await answer.arrayBuffer()).equals(content)).toBeTrue();
  });
  test("that the client breaks off reads no further", async () => {
    await upload(artifact, agent, "x".repeat(LIMIT));
    const reader = (await call("GET", artifact, contributor)).body!.getReader();
    const { value } = await reader.read();
    expect(value!.length).toBeLessThanOrEqual(255 * 1024);
    await reader.cancel();
    expect(await reader.read()).toEqual({ done: true, value: undefined });
  });
});

describe("With ownership of jobs enforced", () => {
  test.each<[string, string, number]>([
    ["another contributor", "bob", 403],
    ["the submitter", "ann", 200],
  ])("%s uploading attachments is answered %p", async (_who, clientId, status) => {
    const enforcing = await testApp({ env: { JOB_OWNERSHIP: "enforce" } });
    try {
      const definition = { job_queue: "q", test_data: { attachments: [] } };
      await enforcing.store.jobs.submit({
        id: ID,
        createdAt: new Date(),
        definition,
        attachments: "waiting",
        submitter: "ann",
        priority: 0,
      });
      const authorization = `Bearer ${await enforcing.token(clientId, { role: "contributor" })}`;
      const request = new Request(`http://localhost${attachments}`, {
        method: "POST",
        body: form("x"),
        headers: { authorization },
      });
      expect((await enforcing.fetch(request)).status).toBe(status);
    } finally {
      await enforcing.close();
    }
  });
});
