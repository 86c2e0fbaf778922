import { accessToken, BenchClient } from "./client.ts";
import { digestOf, largeFile } from "./large-file.ts";
import { startServer } from "./server.ts";
import type { StoreUnderTest } from "./stores.ts";

const MIB = 2 ** 20;

/** Milliseconds between looks at the memory of the server. */
const LOOK = 20;

export interface Transfer {
  readonly what: "artifact" | "attachments";
  readonly direction: "up" | "down";
  /** MiB per second. */
  readonly rate: number;
  /** MiB by which the memory of the server was above idle at the most. */
  readonly growth: number;
}

/** Moves a file of so many MiB up and down, as an artifact and as attachments. Throws if another one comes down. */
export async function moveFiles(store: StoreUnderTest, size: number): Promise<Transfer[]> {
  const { env, remove } = await store.open();
  const server = await startServer(env);
  const client = await BenchClient.of(server.url);
  const idle = await server.memory();
  const watched = async (act: () => Promise<unknown>) => {
    let peak = 0;
    const timer = setInterval(async () => {
      peak = Math.max(peak, await server.memory());
    }, LOOK);
    const begun = performance.now();
    try {
      await act();
    } finally {
      clearInterval(timer);
    }
    return { rate: size / ((performance.now() - begun) / 1000), growth: peak - idle };
  };
  try {
    const agent = { authorization: `Bearer ${await accessToken("agent")}` };
    const person = { authorization: `Bearer ${await accessToken("contributor")}` };
    const id = await client.submit("files", { test_data: { attachments: [] } });
    const transfers: Transfer[] = [];
    for (const [what, path, uploader, reader] of [
      ["artifact", `/v1/result/${id}/artifact`, agent, person],
      ["attachments", `/v1/job/${id}/attachments`, person, agent],
    ] as const) {
      const file = largeFile(size * MIB);
      const up = await watched(async () => {
        const headers = { ...uploader, "content-type": file.contentType };
        const answer = await fetch(`${server.url}${path}`, { method: "POST", headers, body: file.form });
        if (!answer.ok) throw new Error(`${path} answered ${answer.status}`);
      });
      const sent = file.digest();
      const down = await watched(async () => {
        const { body } = await fetch(`${server.url}${path}`, { headers: reader });
        if (!body || (await digestOf(body)) !== sent) throw new Error(`${path} is not what was sent`);
      });
      transfers.push({ what, direction: "up", ...up }, { what, direction: "down", ...down });
    }
    return transfers;
  } finally {
    client.close();
    await server.stop();
    await remove();
  }
}
