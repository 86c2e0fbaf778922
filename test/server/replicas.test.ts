import { afterEach, beforeEach, describe, expect, setDefaultTimeout, test } from "bun:test";
import { mongoStore, type StoreForServers } from "../support/stores.ts";
import { type TestApp, testApp } from "../support/test-app.ts";

// Looks at the shared database are half a second apart, and machines may be busy.
setDefaultTimeout(30_000);

const uri = process.env.TEST_MONGODB_URI;
if (!uri) console.log("two servers on one MongoDB: set TEST_MONGODB_URI to test this");

describe.each(uri ? [uri] : [])("two servers on one MongoDB", (server) => {
  let store: StoreForServers, a: TestApp, b: TestApp;
  let agent: string, person: string;

  beforeEach(async () => {
    store = await mongoStore(server);
    [a, b] = await Promise.all([testApp({ env: store.env }), testApp({ env: store.env })]);
    agent = `Bearer ${await a.token("lab-1", { role: "agent" })}`;
    person = `Bearer ${await a.token("ann", { role: "contributor" })}`;
  });
  afterEach(async () => {
    await Promise.all([a.close(), b.close()]);
    await store.remove();
  });

  const send = (app: TestApp, method: string, path: string, authorization: string, body?: unknown) =>
    app.fetch(
      new Request(`http://localhost${path}`, {
        method,
        headers: {
          authorization,
          cookie: "agent_name=a",
          ...(body === undefined ? {} : { "content-type": "application/json" }),
        },
        body: body === undefined ? undefined : JSON.stringify(body),
      }),
    );
  const submit = async (app: TestApp): Promise<string> => {
    const answer = await send(app, "POST", "/v1/job", person, { job_queue: "q" });
    return ((await answer.json()) as { job_id: string }).job_id;
  };
  const take = async (app: TestApp, query = ""): Promise<string | undefined> => {
    const answer = await send(app, "GET", `/v1/job?queue=q${query}`, agent);
    return answer.status === 200 ? ((await answer.json()) as { job_id: string }).job_id : undefined;
  };
  const append = (app: TestApp, id: string, number: number, text: string) =>
    send(app, "POST", `/v1/result/${id}/log/output`, agent, {
      fragment_number: number,
      timestamp: "2026-01-01T10:00:00Z",
      phase: "test",
      log_data: text,
    });
  /** What comes next in a live log; resolves when it has come. */
  const follow = async (app: TestApp, id: string) => {
    const { body } = await send(app, "GET", `/v1/result/${id}/log/output/stream`, person);
    const reader = body!.pipeThrough(new TextDecoderStream()).getReader();
    let text = "";
    return async (wanted: string): Promise<void> => {
      while (!text.includes(wanted)) {
        const { value, done } = await reader.read();
        if (done) throw new Error(`the log has ended without ${wanted}:\n${text}`);
        text += value;
      }
    };
  };

  test("attachments that arrive in parts at both are one upload, whose job an agent that waits at one gets from the other", async () => {
    const parts = ["the first half, ", "and the second half"];
    const content = parts.join("");
    const job = { job_queue: "q", test_data: { attachments: [] } };
    const { job_id } = (await (await send(a, "POST", "/v1/job", person, job)).json()) as { job_id: string };
    const waiting = take(a, "&wait=50");
    const uploads = `/v1/job/${job_id}/attachments/uploads`;
    const sha256 = new Bun.CryptoHasher("sha256").update(content).digest("hex");
    const begun = await send(a, "POST", uploads, person, { length: content.length, sha256 });
    const { upload_id } = (await begun.json()) as { upload_id: string };
    let offset = 0;
    for (const [app, part] of [
      [b, parts[0]!],
      [a, parts[1]!],
    ] as const) {
      const headers = { authorization: person, "upload-offset": String(offset) };
      const request = new Request(`http://localhost${uploads}/${upload_id}`, { method: "PATCH", headers, body: part });
      expect((await app.fetch(request)).status).toBe(200);
      offset += part.length;
    }
    expect((await send(b, "POST", `${uploads}/${upload_id}/complete`, person)).status).toBe(200);
    expect(await waiting).toBe(job_id);
    expect(await (await send(a, "GET", `/v1/job/${job_id}/attachments`, agent)).text()).toBe(content);
  });

  test("an agent that waits at one gets the job that is submitted to the other", async () => {
    const waiting = take(b, "&wait=50");
    const id = await submit(a);
    expect(await waiting).toBe(id);
  });

  test("a log that is followed at one tells what the agent posts to the other, and the end of the job", async () => {
    const id = await submit(a);
    const comes = await follow(b, id);
    await comes('"job_state":"waiting"');
    expect(await take(a)).toBe(id);
    await comes('"job_state":"running"');
    await append(a, id, 0, "first line");
    await comes("first line");
    await append(a, id, 1, "second line");
    await comes("second line");
    await send(a, "POST", `/v1/result/${id}`, agent, { job_state: "complete" });
    await comes("event: end");
  });

  test("a job that is cancelled at one ends the log that is followed at the other", async () => {
    const id = await submit(a);
    const comes = await follow(b, id);
    await comes('"job_state":"waiting"');
    await send(a, "POST", `/v1/job/${id}/action`, person, { action: "cancel" });
    await comes('event: end\ndata: {"job_state":"cancelled"}');
  });

  test("200 agents at once get 100 jobs from both, each once", async () => {
    const ids = await Promise.all(Array.from({ length: 100 }, (_, index) => submit(index % 2 ? a : b)));
    const taken = await Promise.all(Array.from({ length: 200 }, (_, index) => take(index % 2 ? b : a)));
    expect(taken.filter((id) => id !== undefined).toSorted()).toEqual(ids.toSorted());
  });

  test("an answer that got lost at one is given again by the other", async () => {
    const id = await submit(a);
    await submit(a);
    expect(await take(a, "&wait=1")).toBe(id);
    expect(await take(b, "&wait=1")).toBe(id);
  });
});
