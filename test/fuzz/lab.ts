import { SignJWT } from "jose";
import { ROLES } from "../../src/shared/roles.ts";
import { SECRETS_MASTER_KEY_TEXT } from "../support/secrets-master-key.ts";
import { type ServerProcess, startServer } from "../support/server-process.ts";
import type { StoreForServers } from "../support/stores.ts";
import type { Document } from "./document.ts";
import { isHostileText } from "./hostile.ts";
import type { Known } from "./values.ts";

const SIGNING_KEY = "a signing key for the fuzz test, 32 bytes or more";
const SECRET = "a secret of fuzz-client";

const JOBS = ["1", "2", "3", "4", "5", "6"].map((digit) => `00000000-0000-4000-8000-00000000000${digit}`);

/** A server with jobs, agents, queues, clients and secrets, so that requests meet something. */
export interface Lab {
  readonly server: ServerProcess;
  readonly document: Document;
  readonly known: Known;
  /** Role -> access token; `anonymous` has none. */
  readonly tokens: Readonly<Record<string, string | undefined>>;
  readonly basicCredentials: readonly string[];
}

export async function openLab(store: StoreForServers, env: Readonly<Record<string, string>>): Promise<Lab> {
  const server = await startServer(
    {
      JWT_SIGNING_KEY: SIGNING_KEY,
      TESTFLINGER_SECRETS_MASTER_KEY: SECRETS_MASTER_KEY_TEXT,
      MAX_ATTACHMENT_SIZE: "200000",
      MAX_ARTIFACT_SIZE: "200000",
      ...env,
      ...store.env,
    },
    { isHarmless: isHostileText },
  );
  const tokens: Record<string, string | undefined> = { anonymous: undefined };
  for (const role of ROLES) tokens[role] = await accessToken(role);

  const call = async (role: string, method: string, path: string, body?: unknown) => {
    const answer = await fetch(`${server.url}${path}`, {
      method,
      headers: { authorization: `Bearer ${tokens[role]}`, "content-type": "application/json" },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${await answer.text()}`);
    return answer;
  };
  await call("agent", "POST", "/v1/agents/data/agent-1", {
    state: "waiting",
    queues: ["queue-1", "queue-2", "closed"],
  });
  await call("admin", "PUT", "/v1/client-permissions/fuzz-client", { client_secret: SECRET });
  await call("manager", "POST", "/v1/restricted-queues/closed", { client_id: "fuzz-client" });
  await call("contributor", "PUT", "/v1/secrets/some-contributor/ci/token", { value: "hidden" });
  for (const [index, job_id] of JOBS.entries())
    await call("contributor", "POST", "/v1/job", {
      job_id,
      job_queue: `queue-${(index % 2) + 1}`,
      test_data: { test_cmds: "true", ...(index === 0 ? { attachments: [] } : {}) },
    });
  const upload = await call("contributor", "POST", `/v1/job/${JOBS[0]}/attachments/uploads`, {
    length: 100,
    sha256: "0".repeat(64),
  });
  return {
    server,
    document: (await (await fetch(`${server.url}/openapi.json`)).json()) as Document,
    tokens,
    basicCredentials: [`fuzz-client:${SECRET}`, "fuzz-client:wrong", "nobody:nothing"],
    known: {
      ...KNOWN,
      job_status_webhook: [`${env.WEBHOOK_URL}events`, "https://elsewhere.example/"],
      refresh_token: [await refreshToken(server.url), "of-nobody"],
      request_id: [...(await loginBegun(server.url)), "of-nobody"],
      upload_id: [((await upload.json()) as { upload_id: string }).upload_id, "unknown-upload"],
    },
  };
}

const QUEUES = ["queue-1", "queue-2", "closed", "empty"];
const AGENTS = ["agent-1", "agent-2", "agent é"];
/** Of nothing, and of nothing that anybody has. */
const DIGESTS = [new Bun.CryptoHasher("sha256").digest("hex"), "0".repeat(64)];
const KNOWN: Known = {
  job_id: [...JOBS, "00000000-0000-4000-8000-00000000ffff"],
  queue: QUEUES,
  queue_name: QUEUES,
  job_queue: QUEUES,
  queues: QUEUES,
  agent_name: AGENTS,
  exclude_agents: AGENTS,
  client_id: ["fuzz-client", "some-contributor", "some-admin", "new-client", "testflinger-admin"],
  path: ["ci/token", "other"],
  log_type: ["output", "serial"],
  sha256: DIGESTS,
  range: ["bytes=0-", "bytes=0-3", "bytes=-2", "bytes=7-", "bytes=99999-", "bytes=0-1,3-4"],
  client_secret: ["a new secret of a client", "too short"],
  job_state: ["setup", "test", "complete", "waiting", "cancelled", "odd"],
};

/** A token as the reference issues them, for a lifetime that a long hunt fits into. */
const accessToken = (role: string): Promise<string> =>
  new SignJWT({
    permissions: { client_id: `some-${role}`, role, max_priority: { "*": 1000 }, allowed_queues: ["closed"] },
  })
    .setProtectedHeader({ alg: "HS256", typ: "JWT" })
    .setSubject("access_token")
    .setIssuedAt()
    .setExpirationTime("1h")
    .sign(new TextEncoder().encode(SIGNING_KEY));

async function refreshToken(url: string): Promise<string> {
  const authorization = `Basic ${Buffer.from(`fuzz-client:${SECRET}`).toString("base64")}`;
  const answer = await fetch(`${url}/v1/oauth2/token`, { method: "POST", headers: { authorization } });
  return ((await answer.json()) as { refresh_token: string }).refresh_token;
}

/** The id of a login that waits for its person; none where login is off. */
async function loginBegun(url: string): Promise<string[]> {
  const answer = await fetch(`${url}/oidc/auth-init`, { method: "POST" });
  return answer.ok ? [((await answer.json()) as { request_id: string }).request_id] : [];
}
