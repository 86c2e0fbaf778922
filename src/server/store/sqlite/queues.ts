import type { QueueStore } from "../queues.ts";
import { fromDate } from "./columns.ts";
import type { Connection } from "./connection.ts";
import { restrictions } from "./restrictions.ts";

/** Wait times kept for each queue. */
const SAMPLES = 1000;

/** Queues in SQLite. */
export const queueStore = (connection: Connection): QueueStore => ({
  ...advertisements(connection),
  ...waitTimes(connection),
  ...restrictions(connection),
});

function advertisements(connection: Connection): Pick<QueueStore, "advertise" | "advertised" | "setImages" | "images"> {
  const advertise = connection.prepare(
    `INSERT INTO queues (name, description, updated_at) VALUES ($name, $description, $now)
     ON CONFLICT (name) DO UPDATE SET description = $description, updated_at = $now`,
  );
  const advertised = connection.prepare<{ name: string; description: string }>(
    "SELECT name, description FROM queues ORDER BY name",
  );
  const setImages = connection.prepare(
    "INSERT INTO queues (name, images) VALUES ($name, $images) ON CONFLICT (name) DO UPDATE SET images = $images",
  );
  const images = connection.prepare<{ images: string }>("SELECT images FROM queues WHERE name = $name");

  return {
    advertise: (queues, now) =>
      connection.write(() => {
        for (const [name, description] of Object.entries(queues))
          advertise.run({ name, description, now: fromDate(now) });
      }),
    advertised: () =>
      connection.read(() => Object.fromEntries(advertised.all().map(({ name, description }) => [name, description]))),
    setImages: (queues) =>
      connection.write(() => {
        for (const [name, map] of Object.entries(queues)) setImages.run({ name, images: JSON.stringify(map) });
      }),
    images: (name) => connection.read(() => JSON.parse(images.get({ name })?.images ?? "{}") as Record<string, string>),
  };
}

function waitTimes(connection: Connection): Pick<QueueStore, "recordWait" | "waitTimes"> {
  const last = connection.prepare<{ n: number | null }>("SELECT max(n) AS n FROM wait_times WHERE queue = $queue");
  const insert = connection.prepare("INSERT INTO wait_times (queue, n, seconds) VALUES ($queue, $n, $seconds)");
  const trim = connection.prepare("DELETE FROM wait_times WHERE queue = $queue AND n <= $n");
  const all = connection.prepare<{ queue: string; seconds: number }>(
    "SELECT queue, seconds FROM wait_times ORDER BY queue, n",
  );
  const some = connection.prepare<{ queue: string; seconds: number }>(
    "SELECT queue, seconds FROM wait_times WHERE queue IN (SELECT value FROM json_each($queues)) ORDER BY queue, n",
  );

  return {
    recordWait: (queue, seconds) =>
      connection.write(() => {
        const n = (last.get({ queue })?.n ?? 0) + 1;
        insert.run({ queue, n, seconds });
        trim.run({ queue, n: n - SAMPLES });
      }),
    waitTimes: (queues) =>
      connection.read(() => {
        const rows = queues === undefined ? all.all() : some.all({ queues: JSON.stringify(queues) });
        const samples = Map.groupBy(rows, ({ queue }) => queue);
        return new Map([...samples].map(([queue, of]) => [queue, of.map(({ seconds }) => seconds)]));
      }),
  };
}
