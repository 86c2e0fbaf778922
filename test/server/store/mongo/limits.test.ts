import { expect, test } from "bun:test";
import { type Store, StoreLimitExceeded } from "../../../../src/server/store/store.ts";
import { onMongo } from "./database.ts";

const NOW = new Date("2026-03-04T05:06:07Z");
const MIB = 2 ** 20;
const text = (mib: number) => "x".repeat(mib * MIB);

onMongo("data beyond MongoDB's limits", (subject) => {
  const submit = (store: Store, id: string, test_cmds: string) =>
    store.jobs.submit({ id, createdAt: NOW, priority: 0, definition: { job_queue: "q", test_data: { test_cmds } } });
  const fragment = { jobId: "job", type: "output", phase: "test", number: 0, timestamp: NOW } as const;

  test.each<[string, (store: Store) => Promise<unknown>]>([
    ["a job of 16 MiB", (store) => submit(store, "large", text(16))],
    ["a job of 20 MiB", (store) => submit(store, "larger", text(20))],
    ["device information of 16 MiB", ({ jobs }) => jobs.report("job", { deviceInfo: { x: text(16) } }, NOW)],
    ["device information that adds up to more", ({ jobs }) => jobs.report("job", { deviceInfo: { x: text(9) } }, NOW)],
    ["a field name with NUL", ({ jobs }) => jobs.report("job", { deviceInfo: { "a\u0000b": 1 } }, NOW)],
    ["a fragment of 16 MiB", ({ logs }) => logs.append({ ...fragment, data: text(16) }, NOW)],
    [
      "agent logs of 20 MiB",
      ({ agents }) =>
        agents.report(
          "a",
          {},
          Array.from({ length: 20 }, () => text(1)),
          NOW,
        ),
    ],
  ])("is refused with the reason: %s", async (_, call) => {
    const store = await subject.open();
    await submit(store, "job", text(9));
    await expect(call(store)).rejects.toThrow(StoreLimitExceeded);
    expect(await store.jobs.find("job")).not.toHaveProperty("deviceInfo");
  });
});
