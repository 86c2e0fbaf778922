import { SAMPLE } from "../../../src/server/http/example.ts";
import { ALICE } from "../../support/idp/logins.ts";
import { CLIENT_SECRET, type Lab, NOBODY } from "./lab.ts";
import {
  agent,
  basic,
  child,
  client,
  code,
  deviceLogin,
  failed,
  form,
  job,
  log,
  loggedIn,
  PARTS,
  registered,
  restricted,
  running,
  session,
  upload,
  VERIFIER,
  working,
  type Prepare,
  type Scene,
} from "./stage.ts";

const QUEUES = { rpi4: "Raspberry Pi 4 with 8 GB", "secure-boot": "PCs with TPM 2.0; ask the security team" };
const IMAGES = { rpi4: { noble: "url: https://images.example.com/rpi4/noble.img.xz", "core-24": "distro: core24" } };

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
  submitChildJob: working,
  "submitChildJob, the parent is another agent's": async (lab) => {
    await working(lab);
    return { headers: { cookie: "agent_name=rpi4-bench-3" } };
  },
  "submitChildJob, the parent has ended": async (lab) => {
    const scene = await working(lab);
    await lab.send("agent", "POST", `/v1/result/${SAMPLE.job}`, { job_state: "complete" });
    return scene;
  },
  actOnChildJob: child,
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
  changeOwnSecret: async (lab) => {
    await client(lab);
    return { as: basic(CLIENT_SECRET) };
  },
  "changeOwnSecret, a wrong present secret": async (lab) => {
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
    const body = JSON.stringify({ code_verifier: VERIFIER });
    const headers = { "content-type": "application/json" };
    await lab.call(NOBODY, "POST", `/oidc/auth-poll/${Object.values(scene.standsFor!)[0]}`, { body, headers });
    return scene;
  },
  "pollDeviceLogin, an unknown or expired login": async () => undefined,
  redeemCode: code,
  "redeemCode, a code that was used before": async (lab) => {
    const scene = await code(lab);
    await lab.send(NOBODY, "POST", "/v1/oauth2/code", {
      code: scene.standsFor![SAMPLE.code],
      code_verifier: VERIFIER,
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
  "addQueueOwner, restrict a queue to the members of a group": agent,
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
