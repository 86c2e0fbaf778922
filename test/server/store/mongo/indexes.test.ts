import { expect, test } from "bun:test";
import { onMongo } from "./database.ts";
import { leftByReference, NOW, startReference } from "./reference.ts";

onMongo("the indexes", (subject) => {
  const indexes = (collection: string) => subject.database.collection(collection).indexes();
  const names = async (collection: string) => (await indexes(collection)).map(({ name }) => name);

  test("are made by many servers that start at once", async () => {
    const stores = await Promise.all(Array.from({ length: 4 }, () => subject.open()));
    expect(stores.flatMap(({ warnings }) => warnings)).toEqual([]);
    expect((await indexes("jobs")).find(({ name }) => name === "unique_job_id")?.unique).toBe(true);
  });

  test("let nothing expire that the server still keeps", async () => {
    await startReference(subject.database);
    await subject.open();
    const collections = await subject.database.listCollections().toArray();
    const expiring = await Promise.all(
      collections.map(async ({ name }) =>
        (await indexes(name)).some((index) => "expireAfterSeconds" in index) ? [name] : [],
      ),
    );
    // The server does not know this collection of earlier releases.
    expect(expiring.flat()).toEqual(["output"]);
  });

  test("become unique at the first start after the duplicates are gone", async () => {
    await leftByReference(subject.database);
    await (await subject.open()).close();
    expect(await names("queues")).toContain("name_1_not_unique");
    for (const [collection, twice] of [
      ["jobs", { "job_data.name": "first attempt" }],
      ["logs", { fragment_number: 1 }],
      ["queues", { name: "split" }],
      ["restricted_queues", { queue_name: "private" }],
    ] as const) {
      await subject.database.collection(collection).deleteOne(twice);
    }
    const store = await subject.open();
    expect(store.warnings).toEqual([]);
    for (const collection of ["jobs", "logs", "queues", "restricted_queues"]) {
      expect((await indexes(collection)).some(({ unique }) => unique)).toBe(true);
      expect((await names(collection)).filter((name) => name!.endsWith("not_unique"))).toEqual([]);
    }
  });

  test("that an operator made with other keys or options are left alone, with a warning", async () => {
    await subject.database.collection("jobs").createIndex({ "job_data.name": 1 }, { name: "pop_order" });
    await subject.database.collection("queues").createIndex({ name: 1 });
    const { warnings, jobs } = await subject.open();
    expect(warnings).toHaveLength(2);
    expect(warnings.join()).toContain("refuses the index pop_order on jobs");
    expect(warnings.join()).toContain("refuses the index name_1 on queues");
    await jobs.submit({ id: "j", createdAt: NOW, priority: 0, definition: { job_queue: "q" } });
    expect(await jobs.pop({ agent: "a", queues: ["q"], now: NOW })).toMatchObject({ id: "j" });
  });

  test("hand each job out once to agents of several servers", async () => {
    const [one, two] = [await subject.open(), await subject.open()];
    for (let index = 0; index < 40; index++) {
      await one.jobs.submit({ id: `${index}`, createdAt: NOW, priority: 0, definition: { job_queue: "q" } });
    }
    const popped = await Promise.all(
      Array.from({ length: 60 }, (_, index) =>
        (index % 2 ? one : two).jobs.pop({ agent: `${index}`, queues: ["q"], now: NOW }),
      ),
    );
    const ids = popped.flatMap((job) => (job ? [job.id] : []));
    expect(ids).toHaveLength(40);
    expect(new Set(ids).size).toBe(40);
  });
});
