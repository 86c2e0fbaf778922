import type { Phase } from "../../src/shared/phases.ts";

export interface Credentials {
  readonly clientId: string;
  readonly secret: string;
}

/** What this agent needs of a job (server-api section 6.3). */
export interface Job {
  readonly job_id: string;
  readonly test_data?: { readonly test_cmds?: string };
}

/** Phase -> exit code, and the state of the job. */
export interface Progress {
  readonly status?: Partial<Record<Phase, number>>;
  readonly job_state?: string;
}

/** The longest wait for a job in one request, seconds. */
const WAIT = 30;

/** An agent's side of the server's API: every request an agent has to make. */
export class AgentApi {
  #token: Promise<string> | undefined;
  #cookie = "";

  constructor(
    private readonly server: string,
    private readonly credentials: Credentials,
    private readonly signal: AbortSignal,
  ) {}

  /** Tells the server what this agent is, which queues it serves and what it does now. */
  async introduce(name: string, state: string, queues: readonly string[]): Promise<void> {
    const body = { state, queues, location: "this machine", provision_type: "noprovision" };
    const answer = await this.#post(`/v1/agents/data/${encodeURIComponent(name)}`, body);
    this.#cookie = answer.headers.getSetCookie()[0]?.split(";")[0] ?? this.#cookie;
  }

  /** The next job of these queues; undefined when none came for a while. */
  async nextJob(queues: readonly string[]): Promise<Job | undefined> {
    const query = new URLSearchParams([...queues.map((queue) => ["queue", queue]), ["wait", String(WAIT)]]);
    const answer = await this.#send("GET", `/v1/job?${query}`);
    return answer.status === 204 ? undefined : ((await answer.json()) as Job);
  }

  async report(jobId: string, progress: Progress): Promise<void> {
    await this.#post(`/v1/result/${jobId}`, progress);
  }

  /** @param number counts the fragments of this job from 0, across phases */
  async log(jobId: string, number: number, phase: Phase, text: string): Promise<void> {
    const timestamp = new Date().toISOString();
    await this.#post(`/v1/result/${jobId}/log/output`, { fragment_number: number, timestamp, phase, log_data: text });
  }

  async state(jobId: string): Promise<string> {
    const answer = await this.#send("GET", `/v1/job/${jobId}/state`);
    return ((await answer.json()) as { job_state: string }).job_state;
  }

  #post(path: string, body: unknown): Promise<Response> {
    return this.#send("POST", path, JSON.stringify(body));
  }

  async #send(method: string, path: string, body?: string): Promise<Response> {
    const token = (this.#token ??= this.#logIn());
    const answer = await this.#sendAs(await token, method, path, body);
    if (answer.status !== 401) return this.#expectSuccess(answer, method, path);
    // An access token lives ten minutes.
    if (this.#token === token) this.#token = undefined;
    return this.#expectSuccess(
      await this.#sendAs(await (this.#token ??= this.#logIn()), method, path, body),
      method,
      path,
    );
  }

  #sendAs(token: string, method: string, path: string, body: string | undefined): Promise<Response> {
    const headers = { authorization: `Bearer ${token}`, cookie: this.#cookie, "content-type": "application/json" };
    return fetch(this.server + path, { method, headers, body, signal: this.signal });
  }

  async #logIn(): Promise<string> {
    const { clientId, secret } = this.credentials;
    const authorization = `Basic ${Buffer.from(`${clientId}:${secret}`).toString("base64")}`;
    const path = "/v1/oauth2/token";
    const answer = await fetch(this.server + path, { method: "POST", headers: { authorization }, signal: this.signal });
    const { access_token: token } = (await (await this.#expectSuccess(answer, "POST", path)).json()) as {
      access_token: string;
    };
    return token;
  }

  async #expectSuccess(answer: Response, method: string, path: string): Promise<Response> {
    if (answer.ok) return answer;
    throw new Error(`${method} ${path} was answered ${answer.status}: ${await answer.text()}`);
  }
}
