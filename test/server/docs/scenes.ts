import { SAMPLE } from "../../../src/server/http/example.ts";
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

type Prepare = (lab: Lab) => Promise<Scene | void>;

const AGENT = {
  state: "waiting",
  queues: [SAMPLE.queue, SAMPLE.restrictedQueue],
  location: "lab 2, shelf 4",
  provision_type: "muxpi",
};
const QUEUES = { rpi4: "Raspberry Pi 4 with 8 GB", "secure-boot": "PCs with TPM 2.0; ask the security team" };
const IMAGES = { rpi4: { noble: "url: https://images.example.com/rpi4/noble.img.xz", "core-24": "distro: core24" } };
const CHALLENGE = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";

const agent: Prepare = async (lab) => void (await lab.send("agent", "POST", `/v1/agents/data/${SAMPLE.agent}`, AGENT));

const job =
  (more: object = {}): Prepare =>
  async (lab) =>
    void (await lab.send("contributor", "POST", "/v1/job", {
      job_id: SAMPLE.job,
      job_queue: SAMPLE.queue,
      name: "nightly wifi",
      tags: ["nightly", "wifi"],
      provision_data: { distro: "noble" },
      test_data: { test_cmds: "true" },
      ...more,
    }));

/** The agent, and the cookie that it asks for jobs with. */
const registered: Prepare = async (lab) => {
  const answer = await lab.send("agent", "POST", `/v1/agents/data/${SAMPLE.agent}`, AGENT);
  return { headers: { cookie: answer.headers.get("set-cookie")!.split(";")[0]! } };
};

/** An agent has taken the job. */
const running: Prepare = async (lab) => {
  await job()(lab);
  const { headers } = (await registered(lab)) as Scene;
  await lab.call("agent", "GET", `/v1/job?queue=${SAMPLE.queue}`, { headers });
};

const log = (lab: Lab, fragment_number: number, log_data: string) =>
  lab.send("agent", "POST", `/v1/result/${SAMPLE.job}/log/output`, {
    fragment_number,
    timestamp: SAMPLE.now,
    phase: "test",
    log_data,
  });

/** The job has failed in its test. */
const failed: Prepare = async (lab) => {
  await running(lab);
  await log(lab, 0, "No wireless interface found\n");
  await lab.send("agent", "POST", `/v1/result/${SAMPLE.job}`, {
    job_state: "complete",
    status: { setup: 0, provision: 0, test: 1 },
    device_info: { agent_name: SAMPLE.agent, device_ip: "10.102.7.31" },
  });
};

const client: Prepare = async (lab) =>
  void (await lab.send("admin", "PUT", `/v1/client-permissions/${SAMPLE.client}`, {
    client_secret: CLIENT_SECRET,
    role: "contributor",
    max_priority: { "*": 10, rpi4: 100 },
    max_reservation_time: { rpi4: 86_400 },
  }));

const restricted: Prepare = async (lab) => {
  await Promise.all([agent(lab), client(lab)]);
  await lab.send("admin", "POST", `/v1/restricted-queues/${SAMPLE.restrictedQueue}`, { client_id: SAMPLE.client });
};

const basic = (secret: string) => `Basic ${Buffer.from(`${SAMPLE.client}:${secret}`).toString("base64")}`;

async function login(lab: Lab): Promise<{ access_token: string; refresh_token: string }> {
  await client(lab);
  return (await (await lab.send(basic(CLIENT_SECRET), "POST", "/v1/oauth2/token")).json()) as never;
}

const loggedIn: Prepare = async (lab) => ({ standsFor: { [SAMPLE.refreshToken]: (await login(lab)).refresh_token } });

/** Sessions of the client, seen with its own token. */
async function session(lab: Lab): Promise<Scene> {
  const as = `Bearer ${(await login(lab)).access_token}`;
  const [only] = (await (await lab.send(as, "GET", "/v1/oauth2/sessions")).json()) as { id: string }[];
  return { as, standsFor: { [SAMPLE.session]: only!.id } };
}

async function deviceLogin(lab: Lab): Promise<Scene> {
  const begun = await lab.send(undefined, "POST", "/oidc/auth-init", { code_challenge: CHALLENGE });
  return { standsFor: { [SAMPLE.requestId]: ((await begun.json()) as { request_id: string }).request_id } };
}

/** A person has allowed the command line to log in as them. */
async function code(lab: Lab): Promise<Scene> {
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

const form = (content: string, name = "file.tar.gz") => {
  const data = new FormData();
  data.append("file", new Blob([content]), name);
  return data;
};

const PARTS = ["the first", "and the rest"];

/** An upload in parts, of which the first so many are there. */
const upload =
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

/** How the lab is before the examples of an operation, or before one of them; others need nothing. */
export const SCENES: Readonly<Record<string, Prepare>> = {
  submitJob: agent,
  "submitJob, a job of that id is running": running,
  "submitJob, a restricted queue of somebody else": restricted,
  "submitJob, no access token, where a login is needed": async () => ({ as: NOBODY }),
  takeJob: async (lab) => {
    await job()(lab);
    return registered(lab);
  },
  "takeJob, the agent has not registered": job(),
  searchJobs: job(),
  getJob: job(),
  getJobState: job(),
  "getJobState, its test has failed": failed,
  getJobPosition: job(),
  "getJobPosition, it has started": running,
  actOnJob: job(),
  "actOnJob, it has ended before": failed,
  listQueueJobs: job(),
  reportResults: running,
  getResults: failed,
  postLog: running,
  getLog: async (lab) => {
    await running(lab);
    await log(lab, 0, "No wireless interface found\n");
    await log(lab, 1, "Retrying in 5 s\n");
  },
  followLog: failed,
  reportAgent: agent,
  getAgent: async (lab) => {
    await restricted(lab);
    for (const exit_code of [0, 46, 46])
      await lab.send("agent", "POST", `/v1/agents/provision_logs/${SAMPLE.agent}`, { job_id: SAMPLE.job, exit_code });
  },
  listAgents: agent,
  listQueueAgents: agent,
  recordProvision: agent,
  listQueues: async (lab) => void (await lab.send("agent", "POST", "/v1/agents/queues", QUEUES)),
  getImages: async (lab) => void (await lab.send("agent", "POST", "/v1/agents/images", IMAGES)),
  getWaitTimes: async ({ store }) => {
    for (let seconds = 10; seconds <= 110; seconds += 10) await store.queues.recordWait(SAMPLE.queue, seconds);
  },
  createToken: async (lab) => {
    await client(lab);
    return { as: basic(CLIENT_SECRET) };
  },
  "createToken, a wrong secret": async (lab) => {
    await client(lab);
    return { as: basic("wrong") };
  },
  refreshToken: loggedIn,
  revokeToken: loggedIn,
  listSessions: session,
  endSession: session,
  "endSession, a login that is no more": async () => undefined,
  pollDeviceLogin: deviceLogin,
  "pollDeviceLogin, the person has logged in": async (lab) => {
    lab.idp.approve(ALICE);
    return deviceLogin(lab);
  },
  "pollDeviceLogin, the next poll came too early": async (lab) => {
    const scene = await deviceLogin(lab);
    const body = JSON.stringify({ code_verifier: "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk" });
    const headers = { "content-type": "application/json" };
    await lab.call(undefined, "POST", `/oidc/auth-poll/${Object.values(scene.standsFor!)[0]}`, { body, headers });
    return scene;
  },
  "pollDeviceLogin, an unknown or expired login": async () => undefined,
  redeemCode: code,
  "redeemCode, a code that was used before": async (lab) => {
    const scene = await code(lab);
    await lab.send(undefined, "POST", "/v1/oauth2/code", {
      code: scene.standsFor![SAMPLE.code],
      code_verifier: "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk",
      redirect_uri: "http://127.0.0.1:49152/callback",
    });
    return scene;
  },
  listClientPermissions: client,
  getClientPermissions: client,
  "setClientPermissions, give a client more priority": client,
  deleteClient: client,
  listRestrictedQueues: restricted,
  getRestrictedQueue: restricted,
  addQueueOwner: async (lab) => {
    await Promise.all([agent(lab), client(lab)]);
  },
  removeQueueOwner: restricted,
  postJobEvents: running,
  uploadAttachments: async (lab) => {
    await job({ test_data: { attachments: [{ agent: "suite.tar" }] } })(lab);
    return { form: form("an archive") };
  },
  "uploadAttachments, a job without attachments": async (lab) => {
    await job()(lab);
    return { form: form("an archive") };
  },
  uploadArtifact: async (lab) => {
    await failed(lab);
    return { form: form("an archive") };
  },
  "uploadArtifact, a form without a file": async () => ({ form: new FormData() }),
  beginUpload: job({ test_data: { attachments: [{ agent: "suite.tar" }] } }),
  "beginUpload, a job without attachments": job(),
  getUpload: upload(1),
  "getUpload, an upload that is no more": job({ test_data: { attachments: [] } }),
  appendToUpload: async (lab) => ({ ...(await upload(1)(lab)), form: PARTS[1] }),
  completeUpload: upload(2),
  "completeUpload, something is missing": upload(1),
};

export const sceneOf =
  (operation: string, name: string) =>
  async (lab: Lab): Promise<Scene> =>
    (await (SCENES[`${operation}, ${name}`] ?? SCENES[operation])?.(lab)) ?? {};
