import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { plain } from "../../../src/cli/format/json-value.ts";
import { planAttachments } from "../../../src/cli/job-file/attachments.ts";
import { parseJob } from "../../../src/cli/job-file/parse.ts";

let root: string;
let folder: string;
beforeEach(() => {
  root = realpathSync(mkdtempSync(join(tmpdir(), "attachments-")));
  folder = join(root, "job");
  for (const name of ["job/data.txt", "job/sub/deep.txt", "outside.txt"]) {
    mkdirSync(dirname(join(root, name)), { recursive: true });
    writeFileSync(join(root, name), name);
  }
  symlinkSync("data.txt", join(folder, "alias.txt"));
  symlinkSync("../outside.txt", join(folder, "out.txt"));
  symlinkSync("job", join(root, "job-link"));
});
afterEach(() => rmSync(root, { recursive: true }));

const planFor = (yaml: string, base = folder) => planAttachments(parseJob(yaml, "job.yaml"), base, {});

/** The plan for one attachment of the test phase, written as flow mapping. */
async function planOne(entry: string, base = folder) {
  const plan = await planFor(`test_data: {attachments: [${entry}]}`, base);
  const { attachments } = plain(plan!.job.get("test_data")!) as { attachments: unknown[] };
  return { entry: attachments[0], members: plan!.attachments };
}

describe("planAttachments", () => {
  test.each(["job_queue: q", "test_data: {test_cmds: x}", "reserve_data: {attachments: [{local: data.txt}]}"])(
    "finds nothing to pack in %j",
    async (yaml) => {
      expect(await planFor(yaml)).toBeUndefined();
    },
  );

  test("plans an empty archive for an empty list, which the server waits for", async () => {
    const plan = await planFor("test_data: {attachments: []}");
    expect(plan?.attachments).toEqual([]);
  });

  test("goes through the sections in the order of their phases", async () => {
    const plan = await planFor(`
test_data: {attachments: [{local: data.txt}]}
firmware_update_data: {attachments: [{local: data.txt, agent: fw.bin}]}
provision_data: {attachments: [{local: data.txt}]}`);
    expect(plan!.attachments.map(({ member }) => member)).toEqual([
      "provision/data.txt",
      "firmware_update/fw.bin",
      "test/data.txt",
    ]);
  });

  test.each([
    ["{local: data.txt}", "data.txt"],
    ["{local: ./sub//deep.txt}", "sub/deep.txt"],
    ["{local: sub/../data.txt}", "data.txt"],
    ["{local: sub/}", "sub"],
    ["{local: .}", "."],
    ["{local: ../outside.txt}", "outside.txt"],
    ["{local: alias.txt}", "alias.txt"],
    ["{local: out.txt}", "out.txt"],
    ["{local: data.txt, agent: in/here.txt}", "in/here.txt"],
    ["{local: data.txt, agent: /etc/x}", "etc/x"],
    ["{local: data.txt, agent: //a/./b//c/}", "a/b/c"],
    ["{local: data.txt, agent: a/../b}", "a/../b"],
    ["{local: sub, agent: ''}", "."],
  ])("delivers %s to %s", async (written, agent) => {
    const { entry, members } = await planOne(written);
    expect(entry).toEqual({ agent });
    expect(members[0]!.member).toBe(agent === "." ? "test" : `test/${agent}`);
  });

  test.each([
    ["alias.txt", "job/data.txt"],
    ["out.txt", "outside.txt"],
    ["sub", "job/sub"],
  ])("packs what %s really is", async (local, source) => {
    expect((await planOne(`{local: ${local}}`)).members[0]!.source).toBe(join(root, source));
  });

  test("knows an absolute path below the folder, however either is spelled", async () => {
    expect((await planOne(`{local: "${root}/job/sub/deep.txt"}`)).entry).toEqual({ agent: "sub/deep.txt" });
    const link = join(root, "job-link");
    expect((await planOne(`{local: "${root}/job/sub/deep.txt"}`, link)).entry).toEqual({ agent: "sub/deep.txt" });
    expect((await planOne(`{local: "${link}/sub/deep.txt"}`, link)).entry).toEqual({ agent: "sub/deep.txt" });
    expect((await planOne(`{local: "${link}/sub/deep.txt"}`)).entry).toEqual({ agent: "sub/deep.txt" });
  });

  test.each(["{agent: only}", "{local: '', agent: x}", "{local: null}", "{device: mmc}"])(
    "leaves %s alone: the agent has that file",
    async (written) => {
      const { entry, members } = await planOne(written);
      expect(members).toEqual([]);
      expect(entry).toEqual(plain(parseJob(`x: ${written}`, "").get("x")!));
    },
  );

  test("keeps other keys of an entry, and does not change the job it was given", async () => {
    const job = parseJob("test_data: {attachments: [{local: data.txt, device: mmc}], x: 1}\ny: 2", "job.yaml");
    const before = plain(job);
    const plan = await planAttachments(job, folder, {});
    expect(plain(job)).toEqual(before);
    expect(plain(plan!.job)).toEqual({
      test_data: { attachments: [{ device: "mmc", agent: "data.txt" }], x: 1 },
      y: 2,
    });
  });

  test.each([
    ["[{local: gone.txt}]", "test_data.attachments[0]: cannot find gone.txt (looked for "],
    ["[{local: data.txt}, data.txt]", 'test_data.attachments[1] must hold keys such as "local: data.txt"'],
    ["5", "test_data.attachments must be a list"],
    ["", "test_data.attachments must be a list"],
    ["[{local: 5}]", 'test_data.attachments[0]: "local" must be a text'],
    ["[{local: data.txt, agent: 5}]", '"agent" must be a text'],
    ["[{local: data.txt, agent: ../x}]", "the destination ../x lies outside the folder of its phase"],
    ["[{local: data.txt, agent: a/../../x}]", "lies outside the folder of its phase"],
    ["[{local: data.txt, agent: .}]", '"agent" must name a file'],
  ])("refuses attachments: %s", async (attachments, message) => {
    const refusal = await planFor(`test_data:\n  attachments: ${attachments}`).catch((error: Error) => error.message);
    expect(refusal).toContain(message);
  });

  test("refuses a folder that does not exist", async () => {
    const refusal = await planOne("{local: data.txt}", join(root, "gone")).catch((error: Error) => error.message);
    expect(refusal).toBe(`The folder of the attachments does not exist: ${join(root, "gone")}`);
  });

  test("explains a file that the snap cannot see", async () => {
    const job = parseJob("test_data: {attachments: [{local: /tmp/no-such-file}]}", "job.yaml");
    const refusal = await planAttachments(job, folder, { SNAP_NAME: "testflinger-cli" }).catch((e: Error) => e.message);
    expect(refusal).toStartWith("File /tmp/no-such-file is in a snap-private directory.");
  });
});
