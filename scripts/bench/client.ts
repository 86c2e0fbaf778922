import { AccessTokens } from "../../src/server/tokens/access-token.ts";
import { SigningKeys } from "../../src/server/tokens/signing-keys.ts";

export const SIGNING_KEY = "a signing key for measurements, 32 bytes or more";

/** Calls the API as a lab's agent or as a person. */
export class BenchClient {
  private constructor(
    private readonly url: string,
    private readonly tokens: { readonly agent: string; readonly person: string },
  ) {}

  static async of(url: string): Promise<BenchClient> {
    const tokens = new AccessTokens({
      keys: new SigningKeys([new TextEncoder().encode(SIGNING_KEY)]),
      leeway: 5,
      now: () => new Date(),
    });
    return new BenchClient(url, {
      agent: await tokens.issue("bench-agent", { role: "agent" }),
      person: await tokens.issue("bench-person", { role: "contributor" }),
    });
  }

  async get(path: string, as: "agent" | "person", headers: Record<string, string> = {}): Promise<Response> {
    return this.checked(
      await fetch(`${this.url}${path}`, { headers: { authorization: `Bearer ${this.tokens[as]}`, ...headers } }),
    );
  }

  async post(path: string, as: "agent" | "person", body: unknown): Promise<Response> {
    return this.checked(
      await fetch(`${this.url}${path}`, {
        method: "POST",
        headers: { authorization: `Bearer ${this.tokens[as]}`, "content-type": "application/json" },
        body: JSON.stringify(body),
      }),
    );
  }

  async submit(queue: string): Promise<string> {
    return ((await (await this.post("/v1/job", "person", { ...JOB, job_queue: queue })).json()) as { job_id: string })
      .job_id;
  }

  /** Takes a job without waiting; its id. */
  async take(queue: string, agent: string, wait = ""): Promise<string | null> {
    const answer = await this.get(`/v1/job?queue=${queue}${wait}`, "agent", { cookie: `agent_name=${agent}` });
    return answer.status === 204 ? null : ((await answer.json()) as { job_id: string }).job_id;
  }

  /** A measurement of failures would look fast. */
  private checked(answer: Response): Response {
    if (answer.status >= 300) throw new Error(`${answer.url} answered ${answer.status}`);
    return answer;
  }
}

/** A job of an ordinary size. */
export const JOB = {
  name: "bench",
  tags: ["bench"],
  provision_data: { distro: "noble" },
  test_data: { test_cmds: "set -e\nuname -a\nmake -C /srv/tests check\n" },
};
