import { describe, expect, test } from "bun:test";
import { type ServerProcess, startServer } from "../support/server-process.ts";
import { type Deployment, deploy } from "./support/deployment.ts";

const SECRET = "a secret of the agent host";

interface Agent {
  readonly headers: Record<string, string>;
}

/** An agent that the server knows, as the headers of its requests. */
async function introduceAgent({ createClient, server }: Deployment): Promise<Agent> {
  await createClient("lab-1", SECRET, "agent");
  const basic = { authorization: `Basic ${btoa(`lab-1:${SECRET}`)}` };
  const tokens = await fetch(`${server.url}/v1/oauth2/token`, { method: "POST", headers: basic });
  const { access_token: token } = (await tokens.json()) as { access_token: string };
  const authorization = `Bearer ${token}`;
  const known = await post(server, "/v1/agents/data/lab-1", { queues: ["bench"] }, { authorization });
  return { headers: { authorization, cookie: known.headers.getSetCookie()[0]!.split(";")[0]! } };
}

const post = (server: ServerProcess, path: string, body: unknown, headers: Record<string, string> = {}) =>
  fetch(server.url + path, {
    method: "POST",
    headers: { "content-type": "application/json", ...headers },
    body: JSON.stringify(body),
  });

async function submitJob(server: ServerProcess): Promise<string> {
  const answer = await post(server, "/v1/job", { job_queue: "bench", test_data: { test_cmds: "true" } });
  expect(answer.status).toBe(200);
  return ((await answer.json()) as { job_id: string }).job_id;
}

const pop = async (server: ServerProcess, { headers }: Agent): Promise<string | undefined> => {
  const answer = await fetch(`${server.url}/v1/job?queue=bench`, { headers });
  return answer.status === 204 ? undefined : ((await answer.json()) as { job_id: string }).job_id;
};

describe.each(["SIGTERM", "SIGINT"] as const)("on %s", (signal) => {
  test("the server ends waiting agents and open streams well, takes no new requests, and ends with status 0", async () => {
    await using deployment = await deploy();
    const { server } = deployment;
    const agent = await introduceAgent(deployment);
    const id = await submitJob(server);
    const stream = await fetch(`${server.url}/v1/result/${id}/log/output/stream`);
    const reader = stream.body!.getReader();
    expect((await reader.read()).done).toBe(false);
    expect(await pop(server, agent)).toBe(id);
    const waiting = await openRequest(server, `GET /v1/job?queue=other&wait=50`, agent.headers);
    // What a later connection brings is answered after the waiting request was read.
    expect((await fetch(`${server.url}/healthz`)).status).toBe(200);

    const began = performance.now();
    expect(await server.stop(signal)).toBe(0);
    expect(performance.now() - began).toBeLessThan(5000);
    expect(await waiting.answer).toStartWith("HTTP/1.1 204 ");
    while (!(await reader.read()).done);
    await expect(fetch(`${server.url}/healthz`)).rejects.toThrow();
    expect(server.output()).toContain("sys_shutdown");
  });
});

/** Sends a request on a connection of its own; `answer` is what comes back until the connection ends. */
async function openRequest(
  { url }: ServerProcess,
  requestLine: string,
  headers: Record<string, string>,
): Promise<{ answer: Promise<string> }> {
  const { hostname, port, host } = new URL(url);
  const { promise: answer, resolve, reject } = Promise.withResolvers<string>();
  let received = "";
  const socket = await Bun.connect({
    hostname,
    port: Number(port),
    socket: {
      data: (_, bytes) => void (received += new TextDecoder().decode(bytes)),
      close: () => resolve(received),
      error: (_, error) => reject(error),
    },
  });
  const lines = Object.entries({ host, ...headers }).map(([name, value]) => `${name}: ${value}\r\n`);
  socket.write(`${requestLine} HTTP/1.1\r\n${lines.join("")}\r\n`);
  return { answer };
}

describe.each(["SIGTERM", "SIGKILL"] as const)("after %s and a new start", (signal) => {
  test("jobs, logs, results, agents and logins are as before", async () => {
    await using deployment = await deploy();
    const { server, env } = deployment;
    const agent = await introduceAgent(deployment);
    const begun = await submitJob(server);
    expect(await pop(server, agent)).toBe(begun);
    const fragment = { fragment_number: 0, timestamp: "2026-11-24T10:00:00Z", phase: "test", log_data: "kept\n" };
    await post(server, `/v1/result/${begun}/log/output`, fragment, agent.headers);
    await post(server, `/v1/result/${begun}`, { status: { test: 3 }, job_state: "test" }, agent.headers);
    const waiting = await submitJob(server);
    await server.stop(signal);

    const again = await startServer(env);
    try {
      expect(await (await fetch(`${again.url}/v1/result/${begun}`)).json()).toMatchObject({
        job_state: "test",
        test_status: 3,
        test_output: "kept\n",
      });
      expect(await pop(again, agent)).toBe(waiting);
      expect(await pop(again, agent)).toBeUndefined();
      expect(await (await fetch(`${again.url}/v1/agents/data/lab-1`)).json()).toMatchObject({ queues: ["bench"] });
    } finally {
      await again.stop();
    }
  });
});

test("many submissions that were answered are all there after the server was killed in their midst", async () => {
  await using deployment = await deploy();
  const { server, env } = deployment;
  const agent = await introduceAgent(deployment);
  const answered: string[] = [];
  const { promise: enough, resolve } = Promise.withResolvers<void>();
  const submitters = Promise.allSettled(
    Array.from({ length: 8 }, async () => {
      for (;;) {
        answered.push(await submitJob(server));
        if (answered.length >= 100) resolve();
      }
    }),
  );
  await enough;
  await server.stop("SIGKILL");
  await submitters;

  const again = await startServer(env);
  try {
    const popped = new Set<string>();
    for (let id = await pop(again, agent); id !== undefined; id = await pop(again, agent)) popped.add(id);
    expect(answered.filter((id) => !popped.has(id))).toEqual([]);
  } finally {
    await again.stop();
  }
});
