import type { Lab } from "./lab.ts";

const MINUTE = 60_000;

/** A lab with something of everything: what a busy afternoon looks like. Ids of some jobs. */
export async function fill(lab: Lab, now: Date): Promise<{ waiting: string; running: string; failed: string }> {
  const { store } = lab;
  const ago = (minutes: number) => new Date(now.getTime() - minutes * MINUTE);
  await store.queues.advertise(
    {
      "rpi4-noble": "Raspberry Pi 4 with Ubuntu 24.04 LTS, wired and wireless network, HDMI capture",
      "laptop-oem": "OEM laptops before their release",
      "server-arm64": "ARM servers in rack 4",
    },
    now,
  );
  const states = ["waiting", "test", "provision", "offline", "waiting", "maintenance", "reserve", "waiting"];
  for (const [index, state] of states.entries()) {
    const queue = ["rpi4-noble", "laptop-oem", "server-arm64"][index % 3] as string;
    await store.agents.report(
      `agent-${String(index + 1).padStart(2, "0")}`,
      {
        state,
        queues: [queue, "all"],
        location: index % 2 ? "Taipei, lab 2" : "London",
        provision_type: index % 2 ? "muxpi" : "maas2",
        identifier: `2026-1123${index}`,
        ...(state === "offline" ? { comment: "Power supply broken, ticket LAB-1234" } : {}),
      },
      ["2026-11-24 10:00:01 INFO: Agent started", "2026-11-24 10:00:02 INFO: \u001b[33mwaiting for jobs\u001b[0m"],
      ago(index),
    );
    for (let attempt = 0; attempt < 6; attempt++)
      await store.agents.recordProvision(`agent-${String(index + 1).padStart(2, "0")}`, {
        jobId: crypto.randomUUID(),
        exitCode: (index + attempt) % 4 === 0 ? 7 : 0,
        detail: (index + attempt) % 4 === 0 ? "Unable to write the image: no space left on device" : "",
        timestamp: ago(600 - attempt * 90),
      });
  }
  const definition = {
    name: "boot and suspend",
    tags: ["nightly", "noble"],
    provision_data: { url: "https://cdimage.ubuntu.com/noble.img.xz" },
    test_data: { test_cmds: '#!/bin/bash\nset -ex\nfor i in 1 2 3; do\n  echo "round $i"\ndone\nsystemctl suspend\n' },
  };
  const submit = (queue: string, minutes: number, more: object = {}) =>
    lab.job({
      createdAt: ago(minutes),
      submitter: "ada@example.com",
      definition: { ...definition, job_queue: queue, ...more },
    });
  for (let wait = 0; wait < 40; wait++) await store.queues.recordWait("rpi4-noble", 20 + wait * wait);
  const ids: string[] = [];
  for (let index = 0; index < 14; index++) {
    const queue = ["rpi4-noble", "laptop-oem", "server-arm64"][index % 3] as string;
    ids.push(await submit(queue, 300 - index * 20, { name: `regression ${index}` }));
  }
  const [failed, passed, running, other] = ids as [string, string, string, string];
  await take(lab, "agent-02", "rpi4-noble", ago(250));
  await play(lab, failed, ["setup", "provision", "test"], { setup: 0, provision: 0, test: 1 }, ago(250), true);
  await take(lab, "agent-01", "laptop-oem", ago(200));
  await play(
    lab,
    passed,
    ["setup", "provision", "test", "reserve"],
    { setup: 0, provision: 0, test: 0 },
    ago(200),
    true,
  );
  await take(lab, "agent-03", "server-arm64", ago(30));
  await play(lab, running, ["setup", "provision", "test"], { setup: 0, provision: 0 }, ago(30), false);
  await store.agents.report("agent-02", { job_id: running }, [], now);
  await store.jobs.cancel(other, ago(10));
  return { waiting: ids.at(-2) as string, running, failed };
}

const take = (lab: Lab, agent: string, queue: string, now: Date) => lab.store.jobs.pop({ agent, queues: [queue], now });

async function play(
  lab: Lab,
  id: string,
  phases: string[],
  status: Record<string, number>,
  from: Date,
  ends: boolean,
): Promise<void> {
  const time = (minutes: number) => new Date(from.getTime() + minutes * MINUTE);
  let number = 0;
  for (const [index, phase] of phases.entries()) {
    await lab.store.jobs.report(id, { state: phase, status: {} }, time(index * 4 + 1));
    for (let line = 0; line < 12; line++)
      await lab.log(
        id,
        `\u001b[32m*\u001b[0m ${phase}: step \u001b[1m${line}\u001b[0m of a longer story about \u001b[36mdevices\u001b[0m\n`,
        { phase: phase as "test", number: number++ },
      );
    if (index === 1)
      await lab.log(id, "[   12.345678] usb 1-1: new high-speed USB device\r\nlogin: ", {
        type: "serial",
        number: 0,
        phase: phase as "test",
      });
  }
  await lab.store.jobs.report(id, { status, deviceInfo: { agent_name: "agent-02", device_ip: "10.1.2.3" } }, time(14));
  if (!ends) return;
  await lab.log(id, "\u001b[31mE: the device did not come back\u001b[0m\n", { phase: "test", number: number++ });
  await lab.store.jobs.report(id, { state: "complete" }, time(16));
}
