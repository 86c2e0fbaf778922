import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import { type TestApp, testApp } from "../../support/test-app.ts";

const LIMIT = 1_000_000;
const ID = "0d4f1f3b-45a4-4a4a-9f64-2a9d6a5b8a01";
const UNKNOWN = "0d4f1f3b-45a4-4a4a-9f64-2a9d6a5b8a99";
const CONTENT = "the whole content of the archive";

let app: TestApp;
let agent: string;
let contributor: string;

async function open(env: Record<string, string> = {}) {
  app = await testApp({ env: { MAX_ATTACHMENT_SIZE: String(LIMIT), ...env } });
  agent = await app.token("agent-1", { role: "agent" });
  contributor = await app.token("ann", { role: "contributor" });
  await app.store.jobs.submit({
    id: ID,
    createdAt: new Date(),
    definition: { job_queue: "q", test_data: { attachments: [{ agent: "a" }] } },
    attachments: "waiting",
    priority: 0,
    submitter: "ann",
  });
}
beforeEach(() => open());
afterEach(() => app.close());

const ATTACHMENTS = `/v1/job/${ID}/attachments`;
const UPLOADS = `${ATTACHMENTS}/uploads`;
const JSON_TYPE = { "content-type": "application/json" };

const call = (method: string, path: string, token: string, body?: BodyInit, headers: Record<string, string> = {}) =>
  app.fetch(
    new Request(`http://localhost${path}`, { method, body, headers: { authorization: `Bearer ${token}`, ...headers } }),
  );
const sha256 = (content: string) => new Bun.CryptoHasher("sha256").update(content).digest("hex");
const wanted = (content: string) => JSON.stringify({ length: content.length, sha256: sha256(content) });
const begin = (content = CONTENT, token = contributor, path = UPLOADS) =>
  call("POST", path, token, wanted(content), JSON_TYPE);
const begun = async (content = CONTENT) => ((await (await begin(content)).json()) as { upload_id: string }).upload_id;
const append = (id: string, offset: number | string, body: BodyInit, headers: Record<string, string> = {}) =>
  call("PATCH", `${UPLOADS}/${id}`, contributor, body, { "upload-offset": String(offset), ...headers });
const complete = (id: string, token = contributor) => call("POST", `${UPLOADS}/${id}/complete`, token);
const attachments = async () => {
  const answer = await call("GET", ATTACHMENTS, agent);
  return answer.status === 200 ? answer.text() : answer.status;
};
const progressOf = async (answer: Response | Promise<Response>) => {
  const { status, headers } = await answer;
  return { status, offset: headers.get("upload-offset") };
};
const audits = () => app.lines.filter((line) => line.includes("upload_complete"));

describe("Attachments in parts", () => {
  test("arrive whole, and make the job one for agents", async () => {
    await call("POST", "/v1/agents/data/agent-1", agent, JSON.stringify({ queues: ["q"] }), JSON_TYPE);
    const waiting = call("GET", "/v1/job?queue=q&wait=30", agent, undefined, { cookie: "agent_name=agent-1" });
    const beginning = await begin();
    expect(beginning.status).toBe(201);
    const upload = (await beginning.json()) as { upload_id: string; offset: number };
    expect(upload as object).toEqual({
      upload_id: expect.any(String),
      offset: 0,
      length: CONTENT.length,
      complete: false,
    });
    expect(beginning.headers.get("location")).toBe(`${UPLOADS}/${upload.upload_id}`);

    expect(await progressOf(append(upload.upload_id, 0, CONTENT.slice(0, 10)))).toEqual({ status: 200, offset: "10" });
    const answer = await append(upload.upload_id, 10, CONTENT.slice(10));
    expect(await answer.json()).toEqual({ ...upload, offset: CONTENT.length });
    expect(await attachments()).toBe(204);

    const done = await complete(upload.upload_id);
    expect([done.status, await done.text()]).toEqual([200, "OK"]);
    expect(await (await waiting).json()).toMatchObject({ job_id: ID, attachments_status: "complete" });
    expect(await attachments()).toBe(CONTENT);
    expect(audits()).toHaveLength(1);
    expect(audits()[0]).toContain(`upload_complete:ann,${UPLOADS}/${upload.upload_id}/complete`);
  });

  test("tell how far they are, to GET and to HEAD", async () => {
    const id = await begun();
    await append(id, 0, CONTENT.slice(0, 7));
    const answer = await call("GET", `${UPLOADS}/${id}`, contributor);
    expect(await answer.json()).toEqual({ upload_id: id, offset: 7, length: CONTENT.length, complete: false });
    expect(answer.headers.get("cache-control")).toBe("no-store");
    expect(await progressOf(call("HEAD", `${UPLOADS}/${id}`, contributor))).toEqual({ status: 200, offset: "7" });
  });

  test("go on after a broken connection where it broke, with another token", async () => {
    const id = await begun();
    const breaking = new ReadableStream({
      start: (controller) => controller.enqueue(new TextEncoder().encode(CONTENT.slice(0, 12))),
      pull: (controller) => controller.error(new DOMException("The connection was closed.", "AbortError")),
    });
    expect((await append(id, 0, breaking)).status).toBe(400);
    expect(await progressOf(call("HEAD", `${UPLOADS}/${id}`, contributor))).toEqual({ status: 200, offset: "12" });
    contributor = await app.token("ann", { role: "contributor" });
    await append(id, 12, CONTENT.slice(12));
    expect((await complete(id)).status).toBe(200);
    expect(await attachments()).toBe(CONTENT);
  });

  test("are told the right offset when they go on at a wrong one", async () => {
    const id = await begun();
    await append(id, 0, CONTENT.slice(0, 5));
    for (const offset of [0, 4, 6, CONTENT.length])
      expect(await progressOf(append(id, offset, "x"))).toEqual({ status: 409, offset: "5" });
    expect(await progressOf(complete(id))).toEqual({ status: 409, offset: "5" });
    expect(await attachments()).toBe(204);
  });

  test("begin again where they were after a lost answer; other content begins anew", async () => {
    const id = await begun();
    await append(id, 0, CONTENT.slice(0, 5));
    const again = await begin();
    expect(again.status).toBe(200);
    expect(await again.json()).toEqual({ upload_id: id, offset: 5, length: CONTENT.length, complete: false });
    expect((await begin("other")).status).toBe(201);
    for (const lost of [call("GET", `${UPLOADS}/${id}`, contributor), append(id, 5, "x"), complete(id)])
      expect((await lost).status).toBe(404);
  });

  test("with another SHA-256 than announced are thrown away", async () => {
    const id = await begun();
    await append(id, 0, CONTENT.toUpperCase());
    const answer = await complete(id);
    expect(answer.status).toBe(400);
    expect(await answer.text()).toContain("SHA-256");
    expect((await complete(id)).status).toBe(404);
    expect(await attachments()).toBe(204);
    expect((await app.store.jobs.summary(ID))?.attachments).toBe("waiting");
    expect(audits()).toEqual([]);
  });

  test.each([
    ["are read back when another server has received them", CONTENT, [200, 200]],
    ["are thrown away when another server has received something else", CONTENT.toUpperCase(), [400, 400]],
  ])("%s, once for all who ask", async (_what, stored, statuses) => {
    const id = await begun();
    async function* content() {
      yield new TextEncoder().encode(stored);
    }
    await app.store.uploads.append({ jobId: ID, id }, 0, content(), () => new Date());
    let read = 0;
    const { content: original } = app.store.uploads;
    app.store.uploads.content = (upload) => (read++, original(upload));
    const answers = await Promise.all([complete(id), complete(id)]);
    expect(answers.map(({ status }) => status)).toEqual(statuses);
    expect(read).toBe(1);
    expect(await attachments()).toBe(statuses[0] === 200 ? stored : 204);
  });

  test("may be completed again after a lost answer, also when an agent has the job", async () => {
    const id = await begun();
    await append(id, 0, CONTENT);
    await complete(id);
    expect((await complete(id)).status).toBe(200);
    await app.store.jobs.pop({ agent: "a", queues: ["q"], now: new Date() });
    expect((await complete(id)).status).toBe(200);
    const answer = await call("GET", `${UPLOADS}/${id}`, contributor);
    expect(await answer.json()).toMatchObject({ complete: true });
    expect(await (await append(id, 0, "x")).json()).toMatchObject({ complete: true });
  });

  test("that are stored when the server dies are completed by the next try", async () => {
    const id = await begun();
    await append(id, 0, CONTENT);
    // As far as the server came.
    await app.store.uploads.complete(ID, id, new Date());
    expect((await app.store.jobs.summary(ID))?.attachments).toBe("waiting");
    expect((await complete(id)).status).toBe(200);
    expect((await app.store.jobs.summary(ID))?.attachments).toBe("complete");
  });

  test("do not take the place of those that came in one piece meanwhile", async () => {
    const id = await begun();
    await append(id, 0, CONTENT.slice(0, 5));
    const form = new FormData();
    form.append("file", new Blob(["in one piece"]), "archive.tar.gz");
    expect((await call("POST", ATTACHMENTS, contributor, form)).status).toBe(200);
    expect(await (await append(id, 5, CONTENT.slice(5))).json()).toMatchObject({ complete: true });
    expect((await complete(id)).status).toBe(200);
    expect(await (await begin()).json()).toEqual({ offset: CONTENT.length, length: CONTENT.length, complete: true });
    expect(await attachments()).toBe("in one piece");
  });

  test("end when the job is cancelled", async () => {
    const id = await begun();
    const { promise: cancelled, resolve } = Promise.withResolvers<void>();
    const slow = new ReadableStream<Uint8Array>({
      start: (controller) => controller.enqueue(new TextEncoder().encode(CONTENT.slice(0, 12))),
      async pull(controller) {
        await cancelled;
        controller.close();
      },
    });
    const appending = append(id, 0, slow);
    const body = JSON.stringify({ action: "cancel" });
    expect((await call("POST", `/v1/job/${ID}/action`, contributor, body, JSON_TYPE)).status).toBe(200);
    resolve();
    expect((await appending).status).toBeOneOf([409, 422]);
    await app.store.sweep(new Date());
    expect((await call("GET", `${UPLOADS}/${id}`, contributor)).status).toBe(404);
  });

  test("of a job that is submitted anew begin anew", async () => {
    const id = await begun();
    await append(id, 0, CONTENT.slice(0, 5));
    const job = { job_id: ID, job_queue: "q", test_data: { attachments: [] } };
    expect((await call("POST", "/v1/job", contributor, JSON.stringify(job), JSON_TYPE)).status).toBe(200);
    expect((await append(id, 5, "x")).status).toBe(404);
  });
});

describe("Attachments in parts are refused", () => {
  test.each<[string, () => Promise<unknown>, string, number]>([
    ["for an unknown job", async () => {}, UNKNOWN, 422],
    ["for a malformed id", async () => {}, "nope", 400],
    ["for a cancelled job", () => app.store.jobs.cancel(ID, new Date()), ID, 422],
  ])("%s", async (_what, prepare, job, status) => {
    const id = await begun();
    await prepare();
    const path = `/v1/job/${job}/attachments/uploads`;
    expect((await begin(CONTENT, contributor, path)).status).toBe(status);
    const headers = { "upload-offset": "0" };
    const answers = [
      call("PATCH", `${path}/${id}`, contributor, "x", headers),
      call("POST", `${path}/${id}/complete`, contributor),
    ];
    for (const answer of answers) expect((await answer).status).toBe(job === UNKNOWN ? 404 : status);
  });

  test("when the whole is larger than the server accepts, before a byte is sent", async () => {
    const body = JSON.stringify({ length: LIMIT + 1, sha256: sha256("") });
    expect((await call("POST", UPLOADS, contributor, body, JSON_TYPE)).status).toBe(413);
  });

  test.each([
    [{ length: -1, sha256: sha256("") }, { length: ["Must be greater than or equal to 0."] }],
    [{ length: 1, sha256: "x" }, { sha256: ["String does not match expected pattern."] }],
    [{ length: 1, sha256: sha256("").toUpperCase() }, { sha256: ["String does not match expected pattern."] }],
    [{}, { length: expect.anything(), sha256: expect.anything() }],
  ])("with %j as their description", async (description, faults) => {
    const answer = await call("POST", UPLOADS, contributor, JSON.stringify(description), JSON_TYPE);
    expect(answer.status).toBe(422);
    expect(await answer.json()).toMatchObject({ detail: { json: faults } });
  });

  test.each(["", "-1", "x", "1.5", "99999999999999999999"])("at the offset %p", async (offset) => {
    const id = await begun();
    const answer = await append(id, offset, "x");
    expect(answer.status).toBe(422);
    expect(await answer.json()).toMatchObject({ detail: { headers: { "upload-offset": expect.anything() } } });
  });

  test("without an offset", async () => {
    const answer = await call("PATCH", `${UPLOADS}/${await begun()}`, contributor, "x");
    expect(await answer.json()).toMatchObject({
      detail: { headers: { "upload-offset": ["Missing data for required field."] } },
    });
  });

  test("when a part is longer than what is missing: at once where that is announced, else after the last byte", async () => {
    const id = await begun("12345");
    expect((await append(id, 0, "123456", { "content-length": "6" })).status).toBe(413);
    expect(await progressOf(call("HEAD", `${UPLOADS}/${id}`, contributor))).toEqual({ status: 200, offset: "0" });
    const unannounced = new ReadableStream({
      start(controller) {
        controller.enqueue(new TextEncoder().encode("123456"));
        controller.close();
      },
    });
    expect((await append(id, 0, unannounced)).status).toBe(413);
    expect(await progressOf(call("HEAD", `${UPLOADS}/${id}`, contributor))).toEqual({ status: 200, offset: "5" });
  });

  test("to other contributors when ownership of jobs is enforced", async () => {
    await app.close();
    await open({ JOB_OWNERSHIP: "enforce" });
    const id = await begun();
    contributor = await app.token("bob", { role: "contributor" });
    for (const answer of [begin(), call("GET", `${UPLOADS}/${id}`, contributor), append(id, 0, "x"), complete(id)])
      expect((await answer).status).toBe(403);
  });
});

describe("A download", () => {
  const range = async (path: string, token: string, headers: Record<string, string>, method = "GET") => {
    const answer = await call(method, path, token, undefined, headers);
    const { status, headers: told } = answer;
    return { status, range: told.get("content-range"), etag: told.get("etag") ?? "", body: await answer.text() };
  };

  test.each([
    ["of attachments", "attachments", ATTACHMENTS, () => agent],
    ["of an artifact", "artifact", `/v1/result/${ID}/artifact`, () => contributor],
  ] as const)("%s goes on where it was left, while the file is the same", async (_what, kind, path, token) => {
    async function* content(text: string) {
      yield new TextEncoder().encode(text);
    }
    await app.store.files.save(ID, kind, content("0123456789"), new Date());
    const whole = await call("GET", path, token());
    expect([whole.status, whole.headers.get("accept-ranges"), await whole.text()]).toEqual([
      200,
      "bytes",
      "0123456789",
    ]);
    const etag = whole.headers.get("etag")!;
    expect(etag).toMatch(/^"[\w-]+"$/);

    expect(await range(path, token(), { range: "bytes=4-", "if-range": etag })).toEqual({
      status: 206,
      range: "bytes 4-9/10",
      etag,
      body: "456789",
    });
    expect(await range(path, token(), { range: "bytes=10-" })).toEqual({
      status: 416,
      range: "bytes */10",
      etag,
      body: "",
    });
    expect(await range(path, token(), { range: "bytes=4-" }, "HEAD")).toMatchObject({ status: 200, range: null, etag });

    await app.store.files.save(ID, kind, content("another one"), new Date());
    const other = await range(path, token(), { range: "bytes=4-", "if-range": etag });
    expect(other).toMatchObject({ status: 200, range: null, body: "another one" });
    expect(other.etag).not.toBe(etag);
  });

  test("of a range across chunks brings exactly its bytes", async () => {
    const bytes = crypto.getRandomValues(new Uint8Array(600_000).subarray(0, 65_536));
    const big = Buffer.concat(Array.from({ length: 10 }, (_, index) => Buffer.from(bytes).fill(index, 0, 1)));
    async function* content() {
      yield big;
    }
    await app.store.files.save(ID, "artifact", content(), new Date());
    const headers = { range: "bytes=261119-522241" };
    const answer = await call("GET", `/v1/result/${ID}/artifact`, contributor, undefined, headers);
    expect(Buffer.from(await answer.bytes()).equals(big.subarray(261_119, 522_242))).toBeTrue();
  });
});
