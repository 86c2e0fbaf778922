import { describe, expect, test } from "bun:test";
import { contract } from "./contract.ts";
import { at, atOnce, START } from "./samples.ts";

contract("advertised queues", (subject) => {
  test("are listed by name with their descriptions", async () => {
    const { queues } = subject.store;
    await queues.advertise({ b: "second", a: "" }, START);
    await queues.advertise({ b: "renewed", "c.d": "third" }, at(1));
    await queues.advertise({}, at(1));
    expect(Object.entries(await queues.advertised())).toEqual([
      ["a", ""],
      ["b", "renewed"],
      ["c.d", "third"],
    ]);
  });

  test("include, with an empty description, those that have images only", async () => {
    const { queues } = subject.store;
    await queues.setImages({ a: { i: "x" } });
    expect(await queues.advertised()).toEqual({ a: "" });
  });

  test("may have any name", async () => {
    const { queues } = subject.store;
    const names = ["$q", "__proto__", "a.b", "é😀"];
    await queues.advertise(Object.fromEntries(names.map((name) => [name, name])), START);
    await queues.setImages(Object.fromEntries(names.map((name) => [name, Object.fromEntries([["__proto__", name]])])));
    expect(Object.entries(await queues.advertised()).sort()).toEqual(
      names.map((name) => [name, name] as [string, string]).sort(),
    );
    for (const name of names) expect(Object.entries(await queues.images(name))).toEqual([["__proto__", name]]);
  });

  test("advertised by many at once exist once", async () => {
    const { queues } = subject.store;
    await atOnce(30, (index) => queues.advertise({ q: "same", [`q${index}`]: "" }, START));
    expect(Object.keys(await queues.advertised())).toHaveLength(31);
  });

  test("are there after a restart", async () => {
    await subject.store.queues.advertise({ q: "d" }, START);
    expect(await (await subject.reopen()).queues.advertised()).toEqual({ q: "d" });
  });
});

contract("images of queues", (subject) => {
  test("are replaced as a whole, queue by queue", async () => {
    const { queues } = subject.store;
    await queues.setImages({ a: { one: "url: x", "image 2": "" }, b: { three: "y" } });
    await queues.setImages({ a: { four: "z" } });
    expect(await queues.images("a")).toEqual({ four: "z" });
    expect(await queues.images("b")).toEqual({ three: "y" });
    await queues.setImages({ a: {} });
    expect(await queues.images("a")).toEqual({});
    expect(await queues.images("unknown")).toEqual({});
  });

  test("and the description leave each other alone", async () => {
    const { queues } = subject.store;
    await queues.advertise({ q: "text" }, START);
    await queues.setImages({ q: { i: "x" } });
    expect(await queues.advertised()).toEqual({ q: "text" });
    await queues.advertise({ q: "renewed" }, at(1));
    expect(await queues.images("q")).toEqual({ i: "x" });
  });
});

contract("wait times", (subject) => {
  test("are kept in order, the last 1000 of each queue", async () => {
    const { queues } = subject.store;
    expect(await queues.waitTimes()).toEqual(new Map());
    for (const seconds of [1, 2, 3]) await queues.recordWait("long", seconds);
    for (let hundred = 0; hundred < 10; hundred++) await atOnce(99, () => queues.recordWait("long", 4));
    const last = [10, 9, 8, 7, 6, 5, 4, 3, 2, 1];
    for (const seconds of last) await queues.recordWait("long", seconds);
    await queues.recordWait("short", 5);
    await queues.recordWait("short", 5);
    const all = await queues.waitTimes();
    expect([...all.keys()].sort()).toEqual(["long", "short"]);
    expect(all.get("long")).toEqual([...Array<number>(990).fill(4), ...last]);
    expect(all.get("short")).toEqual([5, 5]);
  });

  test("are told of the named queues that have any", async () => {
    const { queues } = subject.store;
    for (const queue of ["a", "b", "c"]) await queues.recordWait(queue, 100_000);
    expect(await queues.waitTimes(["c", "unknown", "a", "a"])).toEqual(
      new Map([
        ["a", [100_000]],
        ["c", [100_000]],
      ]),
    );
    expect(await queues.waitTimes([])).toEqual(new Map());
  });

  test("recorded at once are all kept", async () => {
    const { queues } = subject.store;
    await atOnce(50, (index) => queues.recordWait("q", index));
    expect((await queues.waitTimes()).get("q")?.sort((a, b) => a - b)).toEqual(
      Array.from({ length: 50 }, (_, index) => index),
    );
  });
});

contract("restricted queues", (subject) => {
  const people = async (...ids: string[]) => {
    for (const id of ids) await subject.store.clients.create({ id, secretHash: "h", permissions: {} });
  };
  const grants = async (id: string) => (await subject.store.clients.find(id))?.permissions.allowed_queues ?? [];

  test("have owners: the clients whose allowed queues name them", async () => {
    const { queues } = subject.store;
    await people("b", "a", "c");
    await queues.restrict("q", "b");
    await queues.restrict("q", "a");
    await queues.restrict("q", "a");
    await queues.restrict("p", "a");
    expect(await queues.owners("q")).toEqual(["a", "b"]);
    expect(await queues.restricted()).toEqual([
      { queue: "p", owners: ["a"] },
      { queue: "q", owners: ["a", "b"] },
    ]);
    expect(await grants("a")).toEqual(["q", "p"]);
    expect(await grants("c")).toEqual([]);
  });

  test("leave an empty list with a client that was once let in, and none with one that never was", async () => {
    const { queues, clients } = subject.store;
    await people("a", "b");
    await queues.restrict("q", "a");
    await queues.removeOwner("q", "a");
    expect((await clients.find("a"))?.permissions).toEqual({ allowed_queues: [] });
    expect((await clients.find("b"))?.permissions).toEqual({});
  });

  test("are told from those that are not", async () => {
    const { queues } = subject.store;
    await subject.store.clients.create({ id: "a", permissions: { allowed_queues: ["open", "q"] } });
    await queues.setRestricted("q", true);
    await queues.setRestricted("orphan", true);
    expect(await queues.owners("open")).toBeNull();
    const restricted = await Promise.all(["open", "q", "orphan", "unknown"].map((queue) => queues.isRestricted(queue)));
    expect(restricted).toEqual([false, true, true, false]);
    expect(await queues.restrictions(["open", "q", "orphan", "unknown", "q"])).toEqual(
      new Map([
        ["q", ["a"]],
        ["orphan", []],
      ]),
    );
    expect(await queues.restrictions([])).toEqual(new Map());
    expect(await queues.restricted()).toEqual([
      { queue: "orphan", owners: [] },
      { queue: "q", owners: ["a"] },
    ]);
  });

  test("do not grant anything to a client that does not exist", async () => {
    expect(await subject.store.queues.restrict("q", "nobody")).toBe(false);
    expect(await subject.store.queues.owners("q")).toBeNull();
    expect(await subject.store.clients.find("nobody")).toBeNull();
    expect(await subject.store.clients.list()).toEqual([]);
  });

  describe("of clients with patterns", () => {
    const give = (id: string, ...allowed_queue_patterns: string[]) =>
      subject.store.clients.update(id, { allowed_queue_patterns });

    test("have them as owners where the pattern fits, beside those who are named", async () => {
      const { queues } = subject.store;
      await people("b", "a", "c");
      for (const queue of ["rpi4-1", "rpi4-2", "x86"]) await queues.restrict(queue, "b");
      await give("a", "rpi4-*", "none");
      await give("b", "*-1");
      await give("c", "*-2", "rpi4-?");
      expect(await queues.restricted()).toEqual([
        { queue: "rpi4-1", owners: ["a", "b"] },
        { queue: "rpi4-2", owners: ["a", "b", "c"] },
        { queue: "x86", owners: ["b"] },
      ]);
      expect(await queues.owners("rpi4-2")).toEqual(["a", "b", "c"]);
      expect(await queues.owners("rpi4-3")).toBeNull();
      expect(await queues.restrictions(["x86", "rpi4-1"])).toEqual(
        new Map([
          ["rpi4-1", ["a", "b"]],
          ["x86", ["b"]],
        ]),
      );
      expect(await grants("a")).toEqual([]);
    });

    test("take a name with a star for what it is", async () => {
      const { queues } = subject.store;
      await people("a", "b");
      await queues.restrict("rpi4-*", "a");
      await queues.restrict("rpi4-1", "b");
      expect(await queues.restricted()).toEqual([
        { queue: "rpi4-*", owners: ["a"] },
        { queue: "rpi4-1", owners: ["b"] },
      ]);
    });

    test("stay restricted for them when nobody is named any more, and when the pattern goes", async () => {
      const { queues, clients } = subject.store;
      await people("a", "b");
      await queues.restrict("q-1", "a");
      await give("b", "q-*");
      expect(await queues.removeOwner("q-1", "a")).toBe(true);
      expect(await queues.owners("q-1")).toEqual(["b"]);
      await give("b");
      expect((await clients.find("b"))?.permissions).toEqual({});
      expect(await queues.owners("q-1")).toEqual([]);
      await give("b", "q-*");
      await clients.delete("b");
      expect(await queues.owners("q-1")).toEqual([]);
      expect(await queues.removeOwner("q-1", "anybody")).toBe(true);
      expect(await queues.owners("q-1")).toBeNull();
    });
  });

  test("stay restricted until the last owner is removed", async () => {
    const { queues } = subject.store;
    await people("a", "b");
    await queues.restrict("q", "a");
    await queues.restrict("q", "b");
    expect(await queues.removeOwner("q", "a")).toBe(true);
    expect(await queues.owners("q")).toEqual(["b"]);
    expect(await grants("a")).toEqual([]);
    expect(await queues.removeOwner("q", "stranger")).toBe(true);
    expect(await queues.owners("q")).toEqual(["b"]);
    expect(await queues.removeOwner("q", "b")).toBe(true);
    expect(await queues.owners("q")).toBeNull();
    expect(await queues.removeOwner("q", "b")).toBe(false);
    expect(await queues.removeOwner("unknown", "b")).toBe(false);
  });

  test("without owners are opened by removing any owner, also one that no longer exists", async () => {
    const { queues } = subject.store;
    await people("a");
    await queues.restrict("q", "a");
    await subject.store.clients.delete("a");
    expect(await queues.owners("q")).toEqual([]);
    expect(await queues.removeOwner("q", "a")).toBe(true);
    expect(await queues.owners("q")).toBeNull();
  });

  test("are opened by operators whatever their owners, which lose the entry", async () => {
    const { queues } = subject.store;
    await people("a", "b");
    for (const owner of ["a", "b"]) await queues.restrict("q", owner);
    await queues.restrict("p", "a");
    await queues.setRestricted("q", true);
    expect(await queues.owners("q")).toEqual(["a", "b"]);
    await queues.setRestricted("q", false);
    await queues.setRestricted("q", false);
    expect(await queues.owners("q")).toBeNull();
    expect(await grants("a")).toEqual(["p"]);
    expect(await grants("b")).toEqual([]);
    await queues.setRestricted("q", true);
    expect(await queues.owners("q")).toEqual([]);
  });

  test("restricted for many owners at once lose none", async () => {
    const { queues } = subject.store;
    const ids = Array.from({ length: 20 }, (_, index) => `client-${index}`);
    await people(...ids);
    await Promise.all(ids.flatMap((id) => [queues.restrict("q", id), queues.restrict("p", id)]));
    expect(await queues.owners("q")).toEqual(ids.toSorted());
    expect(await queues.owners("p")).toEqual(ids.toSorted());
    expect(await queues.restricted()).toHaveLength(2);
  });

  test("whose owners are all removed at once are open", async () => {
    const { queues } = subject.store;
    const ids = Array.from({ length: 10 }, (_, index) => `client-${index}`);
    await people(...ids);
    for (const id of ids) await queues.restrict("q", id);
    await Promise.all(ids.map((id) => queues.removeOwner("q", id)));
    expect(await queues.owners("q")).toBeNull();
  });

  test("whose last owner is removed while another is added are never open to everybody with an owner", async () => {
    const { queues } = subject.store;
    const ids = Array.from({ length: 20 }, (_, index) => `client-${index}`);
    await people("first", ...ids);
    for (const [index, id] of ids.entries()) {
      const queue = `q-${index}`;
      await queues.restrict(queue, "first");
      await Promise.all([queues.removeOwner(queue, "first"), queues.restrict(queue, id)]);
      expect(await queues.owners(queue)).toEqual([id]);
    }
  });

  test("answer for thousands of queues", async () => {
    await people("a");
    await subject.store.queues.restrict("queue-4999", "a");
    const asked = Array.from({ length: 5000 }, (_, index) => `queue-${index}`);
    expect(await subject.store.queues.restrictions(asked)).toEqual(new Map([["queue-4999", ["a"]]]));
  });

  test("are there after a restart", async () => {
    await people("a");
    await subject.store.queues.restrict("q", "a");
    expect(await (await subject.reopen()).queues.restricted()).toEqual([{ queue: "q", owners: ["a"] }]);
  });
});
