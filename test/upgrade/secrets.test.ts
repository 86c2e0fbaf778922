import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { SECRETS_MASTER_KEY_TEXT } from "../support/secrets-master-key.ts";
import { type Credentials, type UpgradedLab, upgradedLab, withDataKey } from "./lab.ts";

// As for the other tests of upgrades.
setDefaultTimeout(120_000);

const mongodb = process.env.TEST_MONGODB_URI;
if (!mongodb) console.log("secrets of an upgraded lab: set TEST_MONGODB_URI to test this");

const CI = { authorization: `Basic ${btoa("ci:the password of ci in the reference")}` };

describe.each(mongodb ? [mongodb] : [])("secrets that the reference has encrypted", (uri) => {
  let removeDataKey: () => Promise<void>;
  beforeAll(async () => {
    removeDataKey = await withDataKey(uri);
  });
  afterAll(() => removeDataKey());

  describe("under the key that the server has", () => {
    let lab: UpgradedLab;
    let ci: Credentials;
    beforeAll(async () => {
      lab = await upgradedLab(uri, { TESTFLINGER_SECRETS_MASTER_KEY: SECRETS_MASTER_KEY_TEXT });
      ci = await lab.credentials(await lab.call("POST", "/v1/oauth2/token", CI));
    });
    afterAll(() => lab.close());

    const submit = (secrets: Record<string, string>) =>
      lab.call("POST", "/v1/job", ci, { job_queue: "rpi4", test_data: { test_cmds: "true", secrets } });
    /** Secrets of the next job of a queue, as its agent gets them. */
    const handedOut = async (queue: string) => {
      const job = await lab.call("GET", `/v1/job?queue=${queue}`, "agent", undefined, { cookie: "agent_name=rpi4-1" });
      return ((await job.json()) as { test_data: { secrets: unknown } }).test_data.secrets;
    };

    test("reach a job that waited through the upgrade", async () =>
      expect(await handedOut("secret")).toEqual({ TOKEN: "the token of ci" }));

    test("reach new jobs: those for single use only one", async () => {
      for (const _job of ["first", "second"])
        expect((await submit({ TOKEN: "ci/token", ONCE: "ci/once" })).status).toBe(200);
      expect(await handedOut("rpi4")).toEqual({ TOKEN: "the token of ci", ONCE: "good for one job" });
      expect(await handedOut("rpi4")).toEqual({ TOKEN: "the token of ci", ONCE: "" });
    });

    test.each([
      ["that have expired", "ci/old"],
      ["of a person", "lab/key"],
    ])("%s are none that ci could use", async (_, path) => {
      const answer = await submit({ SECRET: path });
      expect(answer.status).toBe(422);
      expect(await answer.text()).toContain(path);
    });

    test("are replaced and deleted by their owner", async () => {
      expect((await lab.call("PUT", "/v1/secrets/ci/ci/token", ci, { value: "a newer token" })).status).toBe(200);
      expect((await submit({ TOKEN: "ci/token" })).status).toBe(200);
      expect(await handedOut("rpi4")).toEqual({ TOKEN: "a newer token" });
      expect((await lab.call("DELETE", "/v1/secrets/ci/ci/token", ci)).status).toBe(200);
      expect((await submit({ TOKEN: "ci/token" })).status).toBe(422);
    });
  });

  test("under another key stop the start, with the remedy: all would read as empty", async () => {
    const another = Buffer.alloc(96, 8).toString("base64");
    await expect(upgradedLab(uri, { TESTFLINGER_SECRETS_MASTER_KEY: another })).rejects.toThrow(
      /TESTFLINGER_SECRETS_MASTER_KEY is not the key under which this database's secrets were stored\. Set that key/,
    );
  });
});
