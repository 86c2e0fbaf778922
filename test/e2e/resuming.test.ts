import { afterEach, beforeEach, describe, expect, setDefaultTimeout, test } from "bun:test";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { SignJWT } from "jose";
import { unpackTar } from "modern-tar";
import { cliBinary } from "../support/binaries.ts";
import { type ServerProcess, startServer } from "../support/server-process.ts";
import { type StoreForServers, storesForServers } from "../support/stores.ts";
import { type Client, clientHome } from "./support/client.ts";
import { type Cut, type CuttingProxy, cuttingProxy } from "./support/cutting-proxy.ts";

const SIGNING_KEY = "a signing key for files, which is 32 bytes or longer";
const MIB = 2 ** 20;
const SIZE = 48 * MIB;

/** Bytes after which a connection is cut: late, and again soon after. */
const CUTS = [40 * MIB, 42 * MIB];

/**
 * Bytes that may be sent once more: what was on its way when a connection was cut, and a part that a busy database has
 * refused. Whoever begins anew sends 40 MiB more.
 */
const LOST = 36 * MIB;

// An emulated database takes some megabytes per second.
setDefaultTimeout(120_000);

const sha256 = (bytes: Uint8Array) => new Bun.CryptoHasher("sha256").update(bytes).digest("hex");

const agentToken = (): Promise<string> =>
  new SignJWT({ permissions: { client_id: "agent", role: "agent" } })
    .setProtectedHeader({ alg: "HS256", typ: "JWT" })
    .setSubject("access_token")
    .setIssuedAt()
    .setExpirationTime("1h")
    .sign(new TextEncoder().encode(SIGNING_KEY));

describe.each(storesForServers())("a lost connection, with $name,", ({ open }) => {
  let store: StoreForServers;
  let server: ServerProcess;
  let stack: AsyncDisposableStack;

  beforeEach(async () => {
    stack = new AsyncDisposableStack();
    store = await open();
    stack.defer(() => store.remove());
    server = await startServer({ JWT_SIGNING_KEY: SIGNING_KEY, ...store.env });
    stack.defer(async () => void (await server.stop()));
  });
  afterEach(() => stack.disposeAsync());

  const asAgent = async (path: string, { headers, ...init }: RequestInit & { headers?: Record<string, string> } = {}) =>
    fetch(`${server.url}${path}`, { ...init, headers: { authorization: `Bearer ${await agentToken()}`, ...headers } });

  /** A person who reaches the server through a proxy that cuts. */
  async function person(cuts: readonly Cut[]): Promise<{ client: Client; proxy: CuttingProxy }> {
    const proxy = stack.use(await cuttingProxy(server.url, cuts));
    const client = stack.use(await clientHome({ TESTFLINGER_SERVER: proxy.url }, server.watch));
    const settings = "[testflinger-cli]\nattachments_retry_wait = 0\nattachments_tries = 50\n";
    await Bun.write(join(client.folder, "config", "testflinger-cli.conf"), settings);
    return { client, proxy };
  }

  /** Submits a job with noise that no compression makes smaller; its id, and whether the agent gets what was sent. */
  async function submit(client: Client): Promise<{ id: string; noise: Uint8Array }> {
    const noise = Buffer.concat(
      Array.from({ length: SIZE / 65_536 }, () => crypto.getRandomValues(new Uint8Array(65_536))),
    );
    await Bun.write(join(client.folder, "noise"), noise);
    const job = "job_queue: q\ntest_data:\n  attachments:\n    - local: noise\n";
    await Bun.write(join(client.folder, "job.yaml"), job);
    await asAgent("/v1/agents/data/agent", {
      method: "POST",
      body: JSON.stringify({ state: "waiting", queues: ["q"] }),
      headers: { "content-type": "application/json" },
    });
    const outcome = await client.run("submit", "--quiet", "job.yaml");
    expect([outcome.status, outcome.stderr.replaceAll(/^(ERROR|WARNING).*\n/gm, "")]).toEqual([0, ""]);
    return { id: outcome.stdout.trim(), noise };
  }

  /** What an agent finds in the attachments of the job. */
  async function unpacked(id: string): Promise<string> {
    const answer = await asAgent(`/v1/job/${id}/attachments`);
    const [member] = await unpackTar(Bun.gunzipSync(await answer.bytes()));
    return sha256(member!.data!);
  }

  test("costs an upload only what was on its way", async () => {
    const { client, proxy } = await person(CUTS.map((after) => ({ direction: "up", after })));
    const { id, noise } = await submit(client);
    expect(proxy.pending).toEqual([]);
    expect(proxy.passed.up).toBeGreaterThan(SIZE);
    expect(proxy.passed.up).toBeLessThan(SIZE + LOST);
    expect(await unpacked(id)).toBe(sha256(noise));
  });

  test("because the server was killed costs an upload only what was on its way", async () => {
    const restart = async () => {
      await server.stop("SIGKILL");
      server = await startServer({ JWT_SIGNING_KEY: SIGNING_KEY, ...store.env });
      proxy.leadTo(server.url);
    };
    const { client, proxy } = await person([{ direction: "up", after: CUTS[0]!, meanwhile: restart }]);
    const { id, noise } = await submit(client);
    expect(proxy.pending).toEqual([]);
    expect(proxy.passed.up).toBeLessThan(SIZE + LOST);
    expect(await unpacked(id)).toBe(sha256(noise));
  });

  describe("in a download", () => {
    /** A job that has left noise. */
    async function artifact(): Promise<{ id: string; digest: string }> {
      const job = JSON.stringify({ job_queue: "q" });
      const headers = { "content-type": "application/json" };
      const answer = await fetch(`${server.url}/v1/job`, { method: "POST", body: job, headers });
      const { job_id: id } = (await answer.json()) as { job_id: string };
      const noise = crypto.getRandomValues(new Uint8Array(65_536));
      const content = Buffer.concat(
        Array.from({ length: SIZE / 65_536 }, (_, index) => Buffer.from(noise).fill(index % 251, 0, 9)),
      );
      const form = new FormData();
      form.append("file", new Blob([content]), "artifact.tar.gz");
      expect((await asAgent(`/v1/result/${id}/artifact`, { method: "POST", body: form })).status).toBe(200);
      return { id, digest: sha256(content) };
    }

    test("costs only what was on its way", async () => {
      const { id, digest } = await artifact();
      const { client, proxy } = await person(CUTS.map((after) => ({ direction: "down", after })));
      const outcome = await client.run("artifacts", id);
      expect([outcome.status, outcome.stdout]).toEqual([
        0,
        "Downloading artifacts tarball...\nArtifacts downloaded to artifacts.tgz\n",
      ]);
      expect(proxy.pending).toEqual([]);
      expect(proxy.passed.down).toBeLessThan(SIZE + LOST);
      expect(sha256(await Bun.file(join(client.folder, "artifacts.tgz")).bytes())).toBe(digest);
      expect(readdirSync(client.folder).filter((name) => name.endsWith(".part"))).toEqual([]);
    });

    test("to standard output brings each byte once", async () => {
      const { id, digest } = await artifact();
      const { client, proxy } = await person(CUTS.map((after) => ({ direction: "down", after })));
      const child = Bun.spawn([cliBinary(), "artifacts", "--filename", "-", id], {
        cwd: client.folder,
        env: { HOME: client.folder, TESTFLINGER_SERVER: proxy.url },
        stdin: "ignore",
        stdout: "pipe",
        stderr: "ignore",
      });
      expect(sha256(await new Response(child.stdout).bytes())).toBe(digest);
      expect(await child.exited).toBe(0);
      expect(proxy.pending).toEqual([]);
      expect(proxy.passed.down).toBeLessThan(SIZE + LOST);
    });
  });
});
