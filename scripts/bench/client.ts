import { SignJWT } from "jose";
import { Connections, type Reply, requestText } from "./connection.ts";

export const SIGNING_KEY = "a signing key for measurements, 32 bytes or more";

const ROLES = ["agent", "contributor", "admin"] as const;
type BenchRole = (typeof ROLES)[number];

/** Calls the API as a lab's agent, as a person or as an admin. */
export class BenchClient {
  private readonly connections: Connections;

  private constructor(
    url: string,
    private readonly tokens: Readonly<Record<BenchRole, string>>,
  ) {
    this.connections = new Connections(url);
  }

  static async of(url: string): Promise<BenchClient> {
    const tokens = await Promise.all(ROLES.map(async (role) => [role, await accessToken(role)] as const));
    return new BenchClient(url, Object.fromEntries(tokens) as Record<BenchRole, string>);
  }

  get(path: string, as: BenchRole, headers: Record<string, string> = {}): Promise<Reply> {
    return this.send("GET", path, { ...this.bearer(as), ...headers });
  }

  post(path: string, as: BenchRole, body: unknown): Promise<Reply> {
    return this.send("POST", path, { ...this.bearer(as), ...JSON_TYPE }, JSON.stringify(body));
  }

  put(path: string, as: BenchRole, body: unknown): Promise<Reply> {
    return this.send("PUT", path, { ...this.bearer(as), ...JSON_TYPE }, JSON.stringify(body));
  }

  /** Logs in with a client id and its secret. */
  logIn(id: string, secret: string): Promise<Reply> {
    return this.send("POST", "/v1/oauth2/token", { authorization: `Basic ${btoa(`${id}:${secret}`)}` });
  }

  /** The id of a new job. */
  async submit(queue: string, more: Record<string, unknown> = {}): Promise<string> {
    const { body } = await this.post("/v1/job", "contributor", { ...JOB, job_queue: queue, ...more });
    return (JSON.parse(body) as { job_id: string }).job_id;
  }

  /** Takes a job; its id. @param wait seconds to wait for one */
  async take(queue: string, agent: string, wait?: number): Promise<string | null> {
    const path = `/v1/job?queue=${queue}${wait === undefined ? "" : `&wait=${wait}`}`;
    const { status, body } = await this.get(path, "agent", { cookie: `agent_name=${agent}` });
    return status === 204 ? null : (JSON.parse(body) as { job_id: string }).job_id;
  }

  close(): void {
    this.connections.close();
  }

  private bearer(role: BenchRole): Record<string, string> {
    return { authorization: `Bearer ${this.tokens[role]}` };
  }

  /** A measurement of failures would look fast. */
  private async send(method: string, path: string, headers: Record<string, string>, body?: string): Promise<Reply> {
    const reply = await this.connections.send(requestText(method, path, headers, body));
    if (reply.status >= 300) throw new Error(`${method} ${path} answered ${reply.status}: ${reply.body}`);
    return reply;
  }
}

const JSON_TYPE = { "content-type": "application/json" };

/** As the reference issues them, but for as long as a measurement may take. */
export const accessToken = (role: BenchRole): Promise<string> =>
  new SignJWT({ permissions: { client_id: `bench-${role}`, role } })
    .setProtectedHeader({ alg: "HS256", typ: "JWT" })
    .setSubject("access_token")
    .setIssuedAt()
    .setExpirationTime("6h")
    .sign(new TextEncoder().encode(SIGNING_KEY));

/** A job of an ordinary size. */
export const JOB = {
  name: "bench",
  tags: ["bench"],
  provision_data: { distro: "noble" },
  test_data: { test_cmds: "set -e\nuname -a\nmake -C /srv/tests check\n" },
};
