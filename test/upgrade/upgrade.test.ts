import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { startIdp } from "../conformance/server/doubles.ts";
import { type UpgradedLab, upgradedLab } from "./lab.ts";

// The reference's and our indexes are made one after the other, which takes long on a machine that is busy.
setDefaultTimeout(120_000);

const mongodb = process.env.TEST_MONGODB_URI;
if (!mongodb) console.log("an upgraded lab: set TEST_MONGODB_URI to test this");

const id = (number: number) => `00000000-0000-4000-8000-00000000000${number}`;

describe.each(mongodb ? [mongodb] : [])("a lab of the reference, served on its own database", (uri) => {
  const idp = startIdp();
  let lab: UpgradedLab;
  beforeAll(async () => {
    lab = await upgradedLab(uri, {
      OIDC_CLIENT_ID: "testflinger-client",
      OIDC_PROVIDER_ISSUER: `http://127.0.0.1:${idp.port}`,
      WEB_SECRET_KEY: "a key for browser logins",
    });
  });
  afterAll(async () => {
    await lab.close();
    await idp.stop(true);
  });
  const call = (...parameters: Parameters<UpgradedLab["call"]>) => lab.call(...parameters);
  const json = async (...parameters: Parameters<UpgradedLab["call"]>) => {
    const answer = await lab.call(...parameters);
    return [answer.status, answer.status === 204 ? null : await answer.json()];
  };
  const text = async (...parameters: Parameters<UpgradedLab["call"]>) => {
    const answer = await lab.call(...parameters);
    return [answer.status, await answer.text()];
  };
  const pop = (queue: string) =>
    json("GET", `/v1/job?queue=${queue}`, "agent", undefined, { cookie: "agent_name=rpi4-1" });

  test("starts, and says what it cannot make unique", () => {
    for (const [collection, example] of [
      ["jobs", id(1)],
      ["logs", id(7)],
      ["queues", "split"],
      ["restricted_queues", "private"],
    ] as const)
      expect(lab.server.output()).toMatch(new RegExp(`The MongoDB collection ${collection} .*${example}`));
  });

  describe("jobs", () => {
    test("of two with one id the newer one is served; the queue lists both", async () => {
      expect(await json("GET", `/v1/job/${id(1)}`, "contributor")).toEqual([
        200,
        { job_id: id(1), name: "second attempt", job_queue: "twice", exclude_agents: [] },
      ]);
      expect(await json("GET", `/v1/result/${id(1)}`, "agent")).toEqual([200, { job_state: "waiting" }]);
      expect(await json("GET", "/v1/queues/twice/jobs", "contributor")).toEqual([
        200,
        [
          { job_id: id(1), job_queue: "twice", job_state: "complete", created_at: "2126-03-01T10:00:00Z" },
          { job_id: id(1), job_queue: "twice", job_state: "waiting", created_at: "2126-03-02T10:00:00Z" },
        ],
      ]);
    });

    test("of an old release have ended, and show their flattened results", async () => {
      expect(await json("GET", `/v1/result/${id(3)}`, "contributor")).toEqual([
        200,
        {
          job_state: "completed",
          device_info: { agent_name: "rpi4-1", device_ip: "10.1.2.3" },
          setup_status: 0,
          test_status: 7,
          test_output: "\u001b[31mfailed\u001b[0m\n",
          test_serial: "login:",
        },
      ]);
      expect(await text("POST", `/v1/job/${id(3)}/action`, "contributor", { action: "cancel" })).toEqual([
        400,
        "The job is already completed or cancelled",
      ]);
      expect((await call("GET", `/v1/job/${id(3)}/position`, "contributor")).status).toBe(410);
      expect(await json("GET", "/v1/job/search?tags=nightly&state=active", "contributor")).toEqual([200, []]);
      expect(await json("GET", "/v1/job/search?tags=nightly", "contributor")).toMatchObject([
        200,
        [{ job_id: id(3), job_state: "completed" }],
      ]);
    });

    test("that the schema of today would refuse are shown and handed out as they are", async () => {
      expect(await json("GET", `/v1/job/${id(4)}`, "contributor")).toMatchObject([200, { provision_data: "skip" }]);
      expect(await pop("skipping")).toMatchObject([200, { job_id: id(4), provision_data: "skip" }]);
      expect(await pop("skipping")).toEqual([204, null]);
    });

    test("that use secrets which cannot be read are handed out without them", async () => {
      expect(await pop("secret")).toMatchObject([
        200,
        { job_id: id(5), client_id: "ci", test_data: { secrets: { TOKEN: "" } } },
      ]);
    });

    test("that wait for attachments get them", async () => {
      expect(await pop("gated")).toEqual([204, null]);
      const form = new FormData();
      form.append("file", new Blob(["archive"]), "attachments.tar.gz");
      expect(await text("POST", `/v1/job/${id(6)}/attachments`, "contributor", form)).toEqual([200, "OK"]);
      expect(await pop("gated")).toMatchObject([200, { job_id: id(6), attachments_status: "complete" }]);
      expect(await text("GET", `/v1/job/${id(6)}/attachments`, "agent")).toEqual([200, "archive"]);
    });

    test("that have run for a month go on to their end", async () => {
      const fragment = { fragment_number: 2, timestamp: "2126-02-01T12:00:00Z", phase: "reserve", log_data: "on\n" };
      expect(await text("POST", `/v1/result/${id(7)}/log/output`, "agent", fragment)).toEqual([200, "OK"]);
      const end = { status: { setup: 0, provision: 0, reserve: 0 }, job_state: "complete" };
      expect(await text("POST", `/v1/result/${id(7)}`, "agent", end)).toEqual([200, "OK"]);
      expect(await json("GET", `/v1/result/${id(7)}`, "contributor")).toEqual([
        200,
        {
          job_state: "complete",
          setup_status: 0,
          setup_output: "setup\n",
          provision_status: 0,
          // The reference has stored this fragment twice.
          provision_output: "posted twice\nposted twice\n",
          reserve_status: 0,
          reserve_output: "on\n",
        },
      ]);
    });

    test("have left artifacts, of which the newest is served", async () =>
      expect(await text("GET", `/v1/result/${id(3)}/artifact`, "contributor")).toEqual([200, "artifact"]));
  });

  describe("who logs in", () => {
    const OLD_TOKEN = "never-expiring-token-of-an-old-release-0123456789";
    const basic = { authorization: `Basic ${btoa("ci:the password of ci in the reference")}` };

    test("with a refresh token of an old release goes on with it, and with the rights of today", async () => {
      for (const _again of ["at first", "when only its hash is stored"]) {
        const answer = await call("POST", "/v1/oauth2/refresh", "agent", { refresh_token: OLD_TOKEN });
        expect(answer.status).toBe(200);
        const as = await lab.credentials(answer);
        const job = { job_queue: "rpi4", job_priority: 100 };
        expect((await call("POST", "/v1/job", as, job)).status).toBe(200);
        expect((await call("POST", "/v1/job", as, { ...job, job_priority: 101 })).status).toBe(403);
      }
    });

    test("with a revoked one is refused", async () => {
      const body = { refresh_token: "0123456789abcdef0123456789abcdef0123456789abcdef" };
      expect(await json("POST", "/v1/oauth2/refresh", "agent", body)).toEqual([
        400,
        { detail: {}, message: "Refresh token revoked." },
      ]);
    });

    test("with a password has it still", async () => {
      const answer = await call("POST", "/v1/oauth2/token", basic);
      expect(answer.status).toBe(200);
      const as = await lab.credentials(answer);
      expect((await call("POST", "/v1/job", as, { job_queue: "private" })).status).toBe(200);
    });

    test("as a person keeps role and queues", async () => {
      const login = (await (await fetch(`${lab.server.url}/oidc/auth-init`, { method: "POST" })).json()) as {
        request_id: string;
        user_code: string;
      };
      const claims = { sub: "sub-ada", email: "ada@example.com", name: "Ada" };
      await fetch(`http://127.0.0.1:${idp.port}/control/approve`, {
        method: "POST",
        body: JSON.stringify({ user_code: login.user_code, claims }),
      });
      const answer = await fetch(`${lab.server.url}/oidc/auth-poll/${login.request_id}`, { method: "POST" });
      expect(answer.status).toBe(200);
      const as = await lab.credentials(answer);
      expect((await call("POST", "/v1/job", as, { job_queue: "private" })).status).toBe(200);
      expect(await json("GET", "/v1/client-permissions/ada@example.com", as)).toEqual([
        200,
        { client_id: "ada@example.com", role: "manager", allowed_queues: ["private"] },
      ]);
    });
  });

  test("agents are known, however little they have told, and told which queues are restricted", async () => {
    expect(await json("GET", "/v1/agents/data", "contributor")).toEqual([
      200,
      [
        { name: "bare", updated_at: "2126-03-01T00:00:00Z", restricted_to: {} },
        {
          name: "rpi4-1",
          state: "waiting",
          queues: ["rpi4", "private"],
          location: "lab",
          provision_type: "muxpi",
          identifier: "rpi4-1",
          comment: "",
          job_id: "",
          provision_streak_type: "fail",
          provision_streak_count: 2,
          updated_at: "2126-03-02T00:00:00Z",
          restricted_to: { private: ["ada@example.com", "ci"] },
        },
      ],
    ]);
    const failed = { job_id: id(4), exit_code: 46 };
    expect(await text("POST", "/v1/agents/provision_logs/rpi4-1", "agent", failed)).toEqual([200, "OK"]);
    expect(await json("GET", "/v1/agents/data/rpi4-1", "agent")).toMatchObject([200, { provision_streak_count: 3 }]);
  });

  test("queues, their images, waits and restrictions are known", async () => {
    expect(await json("GET", "/v1/agents/queues", "contributor")).toEqual([
      200,
      { "images-only": "", rpi4: "Raspberry Pi 4", split: "two documents" },
    ]);
    expect(await json("GET", "/v1/agents/images/split", "contributor")).toEqual([
      200,
      { one: "url: https://example.com/1" },
    ]);
    expect(await json("GET", "/v1/queues/wait_times?queue=rpi4&queue=idle", "contributor")).toEqual([
      200,
      { idle: {}, rpi4: { "5": expect.closeTo(4324.7), "10": 8644.4, "50": 43_202, "90": 77_759.6, "95": 82_079.3 } },
    ]);
    expect(await json("GET", "/v1/restricted-queues", "manager")).toEqual([
      200,
      [
        { queue: "orphan", owners: [] },
        { queue: "private", owners: ["ada@example.com", "ci"] },
      ],
    ]);
    expect((await call("POST", "/v1/job", "contributor", { job_queue: "orphan" })).status).toBe(403);
  });
});
