import { Database } from "bun:sqlite";
import { connect, createServer, type Socket } from "node:net";
import { join } from "node:path";
import { type Db, MongoClient } from "mongodb";
import { embeddedStore, mongoStore, type StoreForServers } from "../../support/stores.ts";

/** What a server writes down when a device login succeeds, in this order. */
export type Write = "the grant" | "the account" | "the end of the login" | "the tokens";

/** A server's database that a test can make wait, so that the server can be killed where it stands. */
export interface HeldDatabase {
  /** Variables that make a server use it. */
  readonly env: Readonly<Record<string, string>>;
  /** From now on the server waits for ever when it writes this. What it has written before is there once `written` resolves. */
  holdBefore(write: Write): Promise<void>;
  /** Resolves when this is there. */
  written(write: Exclude<Write, "the grant">): Promise<void>;
  /** After the server has died: holds no more, and what it had claimed has run out. */
  letTimePass(): Promise<void>;
  /** Ids of accounts with their roles, and the clients of all logins that have tokens. */
  contents(): Promise<{ accounts: (readonly [id: string, role: string])[]; logins: string[] }>;
  remove(): Promise<void>;
}

/** Statements of the embedded database that are held, and how one sees that they were not. */
const SQL: Readonly<Record<Write, { event: string; seen: string }>> = {
  "the grant": { event: "UPDATE OF sealed_identity ON device_logins", seen: "SELECT 0" },
  "the account": { event: "INSERT ON clients", seen: "SELECT 1 FROM clients" },
  "the end of the login": {
    event: "UPDATE OF redeemed ON device_logins",
    seen: "SELECT 1 FROM device_logins WHERE redeemed = 1",
  },
  "the tokens": { event: "INSERT ON refresh_tokens", seen: "SELECT 1 FROM refresh_tokens" },
};

/** A query that never ends keeps the server in the middle of its statement, with nothing of it written. */
const ENDLESS = `
  CREATE VIEW endless AS
    WITH RECURSIVE numbers (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers) SELECT n FROM numbers`;

export async function heldEmbedded(): Promise<HeldDatabase> {
  const store = await embeddedStore();
  const directory = store.env.TESTFLINGER_DATA_DIR!;
  const path = join(directory, "testflinger.db");
  const work = <Result>(use: (database: Database) => Result): Result => {
    using database = new Database(path, { readwrite: true });
    return use(database);
  };
  return {
    env: store.env,
    remove: store.remove,
    async holdBefore(write) {
      work((database) => {
        database.run(ENDLESS);
        database.run(`CREATE TRIGGER held BEFORE ${SQL[write].event} BEGIN SELECT max(n) FROM endless; END`);
      });
    },
    async written(write) {
      using database = new Database(path, { readonly: true });
      const { promise, resolve } = Promise.withResolvers<void>();
      const look = () => database.query(SQL[write].seen).get() && resolve();
      // A commit ends in shared memory, of which the kernel tells nobody.
      const looks = setInterval(look, 5);
      await promise;
      clearInterval(looks);
    },
    async letTimePass() {
      work((database) => {
        database.run("DROP TRIGGER IF EXISTS held");
        database.run("DROP VIEW IF EXISTS endless");
        database.run("UPDATE device_logins SET claimed_until = 0, next_poll_at = 0");
      });
    },
    contents: async () =>
      work((database) => ({
        accounts: database
          .query<{ id: string; role: string }, []>("SELECT id, role FROM clients")
          .all()
          .map(({ id, role }) => [id, role]),
        logins: database
          .query<{ client_id: string }, []>("SELECT client_id FROM refresh_tokens")
          .all()
          .map(({ client_id }) => client_id),
      })),
  };
}

/** What the commands have in them that are held, as MongoDB's driver writes it. */
const BSON: Readonly<Record<Write, string>> = {
  "the grant": "\x02sealed_identity\0",
  "the account": "\x02client_id\0",
  "the end of the login": "\x08redeemed\0\x01",
  "the tokens": "\x02refresh_token\0",
};

const COLLECTIONS = {
  "the account": "client_permissions",
  "the end of the login": "device_codes",
  "the tokens": "refresh_tokens",
};

export async function heldMongo(server: string): Promise<HeldDatabase> {
  const store: StoreForServers = await mongoStore(server);
  const uri = new URL(store.env.MONGODB_URI!);
  const holder = new Holder(uri.hostname, Number(uri.port || 27017));
  const client = await MongoClient.connect(uri.href);
  const database: Db = client.db();
  uri.host = `127.0.0.1:${await holder.listen()}`;
  return {
    env: { ...store.env, MONGODB_URI: uri.href },
    async remove() {
      await client.close();
      holder.close();
      await store.remove();
    },
    async holdBefore(write) {
      holder.held = BSON[write];
    },
    async written(write) {
      const filter = write === "the end of the login" ? { redeemed: true } : {};
      // Whatever was written was acknowledged through the holder.
      for (;;) {
        const acknowledged = holder.traffic();
        if ((await database.collection(COLLECTIONS[write]).countDocuments(filter)) > 0) return;
        await acknowledged;
      }
    },
    async letTimePass() {
      holder.held = undefined;
      const longAgo = new Date(0);
      await database
        .collection("device_codes")
        .updateMany({}, { $set: { claimed_until: longAgo, next_poll_at: longAgo } });
    },
    async contents() {
      const clients = await database.collection("client_permissions").find().toArray();
      const logins = await database.collection("refresh_tokens").find().toArray();
      return {
        accounts: clients.map(({ client_id, role }) => [client_id, role]),
        logins: logins.map(({ client_id }) => client_id),
      };
    },
  };
}

/** Stands before MongoDB and lets nothing more through on a connection on which a held command comes. */
class Holder {
  held: string | undefined;
  private readonly sockets = new Set<Socket>();
  private readonly listener = createServer((client) => this.join(client));
  private watchers: (() => void)[] = [];

  constructor(
    private readonly host: string,
    private readonly port: number,
  ) {}

  async listen(): Promise<number> {
    await new Promise<void>((listening) => this.listener.listen(0, "127.0.0.1", listening));
    return (this.listener.address() as { port: number }).port;
  }

  /** Resolves when something comes from the database. */
  traffic(): Promise<void> {
    return new Promise((resolve) => this.watchers.push(resolve));
  }

  close(): void {
    this.listener.close();
    for (const socket of this.sockets) socket.destroy();
  }

  private join(client: Socket): void {
    const database = connect(this.port, this.host);
    for (const socket of [client, database]) {
      this.sockets.add(socket);
      socket.on("error", () => {});
      socket.on("close", () => {
        client.destroy();
        database.destroy();
      });
    }
    client.on("data", (bytes: Buffer) => {
      if (this.held !== undefined && bytes.includes(this.held, 0, "latin1")) client.pause();
      else database.write(bytes);
    });
    database.on("data", (bytes: Buffer) => {
      client.write(bytes);
      for (const wake of this.watchers.splice(0)) wake();
    });
  }
}
