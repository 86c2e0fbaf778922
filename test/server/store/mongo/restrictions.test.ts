import { beforeEach, expect, test } from "bun:test";
import type { Db } from "mongodb";
import { type Collections, collectionsOf } from "../../../../src/server/store/mongo/collections.ts";
import { MongoRestrictions } from "../../../../src/server/store/mongo/restrictions.ts";
import type { Store } from "../../../../src/server/store/store.ts";
import { onMongo } from "./database.ts";

class Crash extends Error {}

/** Every write from the given one on is never sent: the process has died. */
function dyingBefore(database: Db, write: number): MongoRestrictions {
  let sent = 0;
  const mortal = <Name extends keyof Collections>(collection: Collections[Name]): Collections[Name] =>
    new Proxy(collection, {
      get(target, name) {
        const member = Reflect.get(target, name) as unknown;
        if (typeof member !== "function") return member;
        return (...args: unknown[]) => {
          if (/^(update|delete|insert|findOneAnd)/.test(String(name)) && sent++ >= write) throw new Crash();
          return member.apply(target, args) as unknown;
        };
      },
    });
  const collections = collectionsOf(database);
  return new MongoRestrictions(
    {
      ...collections,
      clients: mortal<"clients">(collections.clients),
      restrictedQueues: mortal<"restrictedQueues">(collections.restrictedQueues),
    },
    1000,
  );
}

onMongo("a change of owners that is cut short", (subject) => {
  let store: Store;
  beforeEach(async () => {
    store = await subject.open();
    for (const id of ["a", "b"]) await store.clients.create({ id, permissions: {} });
  });

  /** Lets the change die before each of its writes in turn, until it is not cut short any more. */
  async function diesEverywhere(
    change: (restrictions: MongoRestrictions) => Promise<boolean>,
    prepare: () => Promise<unknown>,
    check: () => Promise<void>,
  ): Promise<number> {
    for (let write = 0; ; write++) {
      await prepare();
      const died = await change(dyingBefore(subject.database, write)).then(
        () => false,
        (error: unknown) => error instanceof Crash,
      );
      if (!died) return write;
      await check();
    }
  }

  test("leaves a queue restricted that loses its last owner, and nobody in", async () => {
    const writes = await diesEverywhere(
      (restrictions) => restrictions.removeOwner("q", "a"),
      () => store.queues.restrict("q", "a"),
      async () => expect(await store.queues.isRestricted("q")).toBe(true),
    );
    expect(writes).toBe(2);
    expect(await store.queues.owners("q")).toBeNull();
  });

  test("leaves a restricted queue restricted that gets an owner", async () => {
    await store.queues.restrict("q", "b");
    const writes = await diesEverywhere(
      (restrictions) => restrictions.restrict("q", "a"),
      async () => {},
      async () => expect(await store.queues.owners("q")).toContain("b"),
    );
    expect(writes).toBe(2);
    expect(await store.queues.owners("q")).toEqual(["a", "b"]);
  });

  test("leaves an open queue as it was, and is completed when it is asked for again", async () => {
    await diesEverywhere(
      (restrictions) => restrictions.restrict("q", "a"),
      async () => {},
      async () => expect(await store.queues.isRestricted("q")).toBe(false),
    );
    expect(await store.queues.owners("q")).toEqual(["a"]);
  });
});

onMongo("a queue that is about to be opened", (subject) => {
  test("stays restricted when it gets an owner before that is done", async () => {
    const store = await subject.open();
    for (const id of ["a", "b"]) await store.clients.create({ id, permissions: {} });
    await store.queues.restrict("q", "a");
    const collections = collectionsOf(subject.database);
    const opening = Promise.withResolvers<void>();
    const granted = Promise.withResolvers<void>();
    const restrictedQueues = new Proxy(collections.restrictedQueues, {
      get(target, name) {
        const member = Reflect.get(target, name) as unknown;
        if (typeof member !== "function") return member;
        if (name !== "deleteOne") return member.bind(target) as unknown;
        return async (...args: unknown[]) => {
          opening.resolve();
          await granted.promise;
          return member.apply(target, args) as unknown;
        };
      },
    });
    const removal = new MongoRestrictions({ ...collections, restrictedQueues }, 1000).removeOwner("q", "a");
    await opening.promise;
    await store.queues.restrict("q", "b");
    granted.resolve();
    expect(await removal).toBe(true);
    expect(await store.queues.owners("q")).toEqual(["b"]);
    expect(await subject.database.collection("restricted_queues").countDocuments()).toBe(1);
  });
});

onMongo("a database of the reference", (subject) => {
  test("may mark a queue twice: both marks go with the last owner", async () => {
    const store = await subject.open();
    await store.clients.create({ id: "a", permissions: { allowed_queues: ["q"] } });
    const marks = subject.database.collection("restricted_queues");
    await marks.dropIndexes();
    await marks.insertMany([{ queue_name: "q" }, { queue_name: "q" }]);
    expect(await store.queues.removeOwner("q", "a")).toBe(true);
    expect(await marks.countDocuments()).toBe(0);
  });
});
