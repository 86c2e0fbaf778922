import { accessToken, SIGNING_KEY } from "./client.ts";
import { Connections, requestText } from "./connection.ts";
import { type Load, type Measured, measureServer } from "./load.ts";
import { type BenchServer, startBareServer, startGatedServer } from "./server.ts";
import { SQLITE } from "./stores.ts";

/** In turns, since what else runs on the machine slows now the one and now the other. */
const ROUNDS = 5;

type Answering = Measured & { readonly cpu: number };

export interface Ceiling {
  /** Bun.serve with a small JSON. */
  readonly bare: Answering;
  /** The same JSON behind everything that a request passes before its handler: host check, routing, bearer token, metrics. */
  readonly gated: Answering;
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
    const bare: Answering[] = [];
    const gated: Answering[] = [];
    for (let round = 0; round < ROUNDS; round++) {
      bare.push(await answering(bareServer, request, load));
      gated.push(await answering(gatedServer, request, load));
    }
    return { bare: least(bare), gated: least(gated) };
  } finally {
    await Promise.all([bareServer.stop(), gatedServer.stop()]);
    await remove();
  }
}

/** The round that was disturbed least. */
const least = (rounds: readonly Answering[]): Answering =>
  rounds.reduce((best, one) => (one.cpu < best.cpu ? one : best));

async function answering(server: BenchServer, request: string, load: Load): Promise<Answering> {
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
