import { SAMPLE } from "../../../src/server/http/example.ts";
import { JOB } from "../../../src/server/jobs/example.ts";
import { Browser } from "../../support/idp/browser.ts";
import { ALICE } from "../../support/idp/logins.ts";
import { CLIENT_SECRET, type Lab, NOBODY } from "./lab.ts";

/** What an example finds, and what of it stands for something that is another one in each run. */
export interface Scene {
  /** The caller: a role, or a whole Authorization header. */
  readonly as?: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** Sent as the body where the example has none, because it is no text. */
  readonly form?: FormData | string;
  /** What of the example stands for what in this run. */
  readonly standsFor?: Readonly<Record<string, string>>;
}

/** Brings a lab in which nothing has happened so far. */
export type Prepare = (lab: Lab) => Promise<Scene | void>;

const AGENT = {
  state: "waiting",
  queues: [SAMPLE.queue, SAMPLE.restrictedQueue],
  location: "lab 2, shelf 4",
  provision_type: "muxpi",
};
export const VERIFIER = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
const CHALLENGE = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";

export const agent: Prepare = async (lab) =>
  void (await lab.send("agent", "POST", `/v1/agents/data/${SAMPLE.agent}`, AGENT));

export const job =
  (more: object = {}): Prepare =>
  async (lab) =>
    void (await lab.send("contributor", "POST", "/v1/job", {
      ...JOB,
      ...more,
    }));

/** The agent, and the cookie that it asks for jobs with. */
export const registered: Prepare = async (lab) => {
  const answer = await lab.send("agent", "POST", `/v1/agents/data/${SAMPLE.agent}`, AGENT);
  return { headers: { cookie: answer.headers.get("set-cookie")!.split(";")[0]! } };
};

/** An agent has taken the job, and asks for something about it. */
async function taken(lab: Lab): Promise<Scene> {
  await job()(lab);
  const scene = (await registered(lab)) as Scene;
  await lab.call("agent", "GET", `/v1/job?queue=${SAMPLE.queue}`, { headers: scene.headers });
  return scene;
}

/** An agent has taken the job. */
export const running: Prepare = async (lab) => void (await taken(lab));

export const log = (lab: Lab, fragment_number: number, log_data: string) =>
  lab.send("agent", "POST", `/v1/result/${SAMPLE.job}/log/output`, {
    fragment_number,
    timestamp: SAMPLE.now,
    phase: "test",
    log_data,
  });

/** The job has failed in its test. */
export const failed: Prepare = async (lab) => {
  await running(lab);
  await log(lab, 0, "No wireless interface found\n");
  await lab.send("agent", "POST", `/v1/result/${SAMPLE.job}`, {
    job_state: "complete",
    status: { setup: 0, provision: 0, test: 1 },
    device_info: { agent_name: SAMPLE.agent, device_ip: "10.102.7.31" },
  });
};

export const client: Prepare = async (lab) =>
  void (await lab.send("admin", "PUT", `/v1/client-permissions/${SAMPLE.client}`, {
    client_secret: CLIENT_SECRET,
    role: "contributor",
    max_priority: { "*": 10, rpi4: 100 },
    max_reservation_time: { rpi4: 86_400 },
  }));

/** An agent works on a job of a client that has an account. */
export async function working(lab: Lab): Promise<Scene> {
  await client(lab);
  return taken(lab);
}

/** The agent has made a child of its job. */
export async function child(lab: Lab): Promise<Scene> {
  const { headers } = await working(lab);
  const body = JSON.stringify({ job_queue: SAMPLE.queue });
  const answer = await lab.call("agent", "POST", `/v1/job/${SAMPLE.job}/children`, {
    body,
    headers: { ...headers, "content-type": "application/json" },
  });
  return { headers, standsFor: { [SAMPLE.newJob]: ((await answer.json()) as { job_id: string }).job_id } };
}

export const restricted: Prepare = async (lab) => {
  await Promise.all([agent(lab), client(lab)]);
  await lab.send("admin", "POST", `/v1/restricted-queues/${SAMPLE.restrictedQueue}`, { client_id: SAMPLE.client });
};

export const basic = (secret: string) => `Basic ${Buffer.from(`${SAMPLE.client}:${secret}`).toString("base64")}`;

async function login(lab: Lab): Promise<{ access_token: string; refresh_token: string }> {
  await client(lab);
  return (await (await lab.send(basic(CLIENT_SECRET), "POST", "/v1/oauth2/token")).json()) as never;
}

export const loggedIn: Prepare = async (lab) => ({
  standsFor: { [SAMPLE.refreshToken]: (await login(lab)).refresh_token },
});

/** Sessions of the client, seen with its own token. */
export async function session(lab: Lab): Promise<Scene> {
  const as = `Bearer ${(await login(lab)).access_token}`;
  const [only] = (await (await lab.send(as, "GET", "/v1/oauth2/sessions")).json()) as { id: string }[];
  return { as, standsFor: { [SAMPLE.session]: only!.id } };
}

export async function deviceLogin(lab: Lab): Promise<Scene> {
  const begun = await lab.send(NOBODY, "POST", "/oidc/auth-init", { code_challenge: CHALLENGE });
  return { standsFor: { [SAMPLE.requestId]: ((await begun.json()) as { request_id: string }).request_id } };
}

/** A person has allowed the command line to log in as them. */
export async function code(lab: Lab): Promise<Scene> {
  const browser = new Browser(lab.site);
  const begun = await browser.get("/auth/login");
  const callback = lab.idp.authorize(begun.headers.get("location")!, ALICE);
  await browser.get(callback.pathname + callback.search);
  const allowed = await browser.post("/auth/authorize", undefined, {
    redirect_uri: "http://127.0.0.1:49152/callback",
    state: "s".repeat(43),
    code_challenge: CHALLENGE,
    code_challenge_method: "S256",
    client_id: ALICE.email,
    decision: "allow",
  });
  return { standsFor: { [SAMPLE.code]: new URL(allowed.headers.get("location")!).searchParams.get("code")! } };
}

export const form = (content: string, name = "file.tar.gz") => {
  const data = new FormData();
  data.append("file", new Blob([content]), name);
  return data;
};

export const PARTS = ["the first", "and the rest"];

/** An upload in parts, of which the first so many are there. */
export const upload =
  (parts: number): Prepare =>
  async (lab) => {
    await job({ test_data: { attachments: [{ agent: "suite.tar" }] } })(lab);
    const whole = PARTS.join("");
    const path = `/v1/job/${SAMPLE.job}/attachments/uploads`;
    const sha256 = new Bun.CryptoHasher("sha256").update(whole).digest("hex");
    const begun = await lab.send("contributor", "POST", path, { length: whole.length, sha256 });
    const { upload_id: id } = (await begun.json()) as { upload_id: string };
    let offset = 0;
    for (const part of PARTS.slice(0, parts)) {
      const headers = { "upload-offset": String(offset), "content-type": "application/octet-stream" };
      await lab.call("contributor", "PATCH", `${path}/${id}`, { body: part, headers });
      offset += part.length;
    }
    return { standsFor: { [SAMPLE.upload]: id } };
  };
