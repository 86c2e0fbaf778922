import { SignJWT } from "jose";
import { BSON, GridFSBucket, MongoClient } from "mongodb";
import { once } from "node:events";
import type { Role } from "../../src/shared/roles.ts";
import { type ServerProcess, startServer } from "../support/server-process.ts";
import { mongoStore } from "../support/stores.ts";
import dataKey from "../fixtures/mongo-reference-key-vault.json" with { type: "json" };
import { leftByReference } from "../server/store/mongo/reference.ts";

const SIGNING_KEY = "the signing key that the reference had before, 32 bytes";

export type Credentials = Role | { readonly authorization: string };

/** A lab whose reference server was stopped and ours started in its place. */
export interface UpgradedLab {
  readonly server: ServerProcess;
  /** Calls the API. A role means an access token that the reference has issued to somebody of that role. */
  call(
    method: string,
    path: string,
    as: Credentials,
    body?: unknown,
    headers?: Record<string, string>,
  ): Promise<Response>;
  /** Those of a token response. */
  credentials(answer: Response): Promise<Credentials>;
  close(): Promise<void>;
}

/**
 * @param mongodb where a fresh database is made
 * @param env further variables of our server
 */
export async function upgradedLab(mongodb: string, env: Readonly<Record<string, string>>): Promise<UpgradedLab> {
  const store = await mongoStore(mongodb);
  await fillAsReference(store.env.MONGODB_URI as string);
  const server = await startServer({ JWT_SIGNING_KEY: SIGNING_KEY, ...env, ...store.env }).catch(async (error) => {
    await store.remove();
    throw error;
  });
  return {
    server,
    async call(method, path, as, body, headers = {}) {
      const authorization = typeof as === "object" ? as.authorization : `Bearer ${await tokenOfReference(as)}`;
      const sent = body === undefined || body instanceof FormData ? { body, headers: {} } : jsonBody(body);
      return fetch(`${server.url}${path}`, {
        method,
        ...sent,
        headers: { authorization, ...sent.headers, ...headers },
      });
    },
    credentials: async (answer) => ({
      authorization: `Bearer ${((await answer.json()) as { access_token: string }).access_token}`,
    }),
    async close() {
      await server.stop();
      await store.remove();
    },
  };
}

const jsonBody = (value: unknown) => ({
  body: JSON.stringify(value),
  headers: { "content-type": "application/json" },
});

/** The reference's access tokens of a role stay valid as long as the signing key stays (server-api section 2). */
const tokenOfReference = (role: Role): Promise<string> =>
  new SignJWT({ permissions: { client_id: `old-${role}`, role } })
    .setProtectedHeader({ alg: "HS256", typ: "JWT" })
    .setSubject("access_token")
    .setIssuedAt()
    .setExpirationTime("10m")
    .sign(new TextEncoder().encode(SIGNING_KEY));

async function fillAsReference(uri: string): Promise<void> {
  const client = await MongoClient.connect(uri);
  try {
    await leftByReference(client.db());
    const bucket = new GridFSBucket(client.db());
    for (const content of ["older artifact", "artifact"]) {
      const upload = bucket.openUploadStream("00000000-0000-4000-8000-000000000003.artifact");
      upload.end(Buffer.from(content));
      await once(upload, "finish");
    }
  } finally {
    await client.close();
  }
}

/**
 * Puts the data key under which the reference has encrypted the secrets of the dump into the vault of the database server, as the reference does.
 *
 * @returns takes it out again
 */
export async function withDataKey(mongodb: string): Promise<() => Promise<void>> {
  const client = await MongoClient.connect(mongodb);
  const vault = client.db("encryption").collection("__keyVault");
  const { _id, ...key } = BSON.EJSON.parse(JSON.stringify(dataKey), { relaxed: false }) as BSON.Document;
  await vault.replaceOne({ _id }, key, { upsert: true });
  return async () => {
    await vault.deleteOne({ _id });
    await client.close();
  };
}
