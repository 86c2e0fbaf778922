import { accessToken, SIGNING_KEY } from "./client.ts";
import { Connections, requestText } from "./connection.ts";
import { type Load, type Measured, measureServer } from "./load.ts";
import { type BenchServer, startBareServer, startGatedServer } from "./server.ts";
import { SQLITE } from "./stores.ts";

export interface Ceiling {
  /** Bun.serve with a small JSON. */
  readonly bare: Measured & { readonly cpu: number };
  /** The same JSON behind everything that a request passes before its handler: host check, routing, bearer token, metrics. */
  readonly gated: Measured & { readonly cpu: number };
}

/** What the server adds to a request that needs no store. */
export async function measureCeiling(load: Load): Promise<Ceiling> {
  const { env, remove } = await SQLITE.open();
  const [bareServer, gatedServer] = await Promise.all([
    startBareServer(),
    startGatedServer({ ...env, JWT_SIGNING_KEY: SIGNING_KEY }),
  ]);
  try {
    const authorization = `Bearer ${await accessToken("contributor")}`;
    const path = "/v1/nothing/b2c5a3a0-5f8c-4f0e-9b4f-6d1a6a0d2f11";
    const request = requestText("GET", path, { authorization });
    return { bare: await answering(bareServer, request, load), gated: await answering(gatedServer, request, load) };
  } finally {
    await Promise.all([bareServer.stop(), gatedServer.stop()]);
    await remove();
  }
}

async function answering(server: BenchServer, request: string, load: Load) {
  const connections = new Connections(server.url);
  try {
    return await measureServer(
      server,
      async () => {
        const { status } = await connections.send(request);
        if (status !== 200) throw new Error(`${server.url} answered ${status}`);
      },
      load,
    );
  } finally {
    connections.close();
  }
}
