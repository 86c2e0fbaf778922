import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { join } from "node:path";
import { type Deployment, deploy } from "./support/deployment.ts";
import { runServer } from "./support/server.ts";
import { type TemporaryFolder, temporaryFolder } from "./support/temporary-folder.ts";

let folder: TemporaryFolder;
beforeAll(async () => void (folder = await temporaryFolder()));
afterAll(() => folder[Symbol.asyncDispose]());

/** Variables with which the server would start. */
const fit = (): Record<string, string> => ({
  PORT: "0",
  METRICS_PORT: "0",
  TESTFLINGER_DATA_DIR: join(folder.path, "data"),
});

const KEY = "k".repeat(32);
const MONGO = { MONGODB_URI: "mongodb://127.0.0.1:1/testflinger", JWT_SIGNING_KEY: KEY };

describe("the server does not start and names the variable and the remedy, when", () => {
  test.each<[string, Record<string, string>, string | RegExp]>([
    ["a port is no number", { PORT: "http" }, "PORT must be a whole number from 0 to 65535"],
    ["a port is too large", { METRICS_PORT: "70000" }, "METRICS_PORT must be a whole number"],
    ["a switch is neither on nor off", { ENABLE_PROXYFIX: "perhaps" }, "ENABLE_PROXYFIX must be true or false"],
    [
      "the signing key is short",
      { JWT_SIGNING_KEY: "my_secret_key" },
      /JWT_SIGNING_KEY must be at least 32 bytes.*openssl/,
    ],
    [
      "logins lack the issuer",
      { OIDC_CLIENT_ID: "x", WEB_SECRET_KEY: KEY },
      "OIDC_PROVIDER_ISSUER must be set as well",
    ],
    [
      "logins lack the web key",
      { OIDC_CLIENT_ID: "x", OIDC_PROVIDER_ISSUER: "https://idp" },
      "WEB_SECRET_KEY must be set as well",
    ],
    [
      "logins have only the web key",
      { WEB_SECRET_KEY: KEY },
      "OIDC_CLIENT_ID and OIDC_PROVIDER_ISSUER must be set as well",
    ],
    ["the issuer is no address", { OIDC_PROVIDER_ISSUER: "example.com" }, "OIDC_PROVIDER_ISSUER must be a URL"],
    ["MongoDB has no database name", { MONGODB_HOST: "db" }, "MONGODB_DATABASE must be set as well"],
    [
      "MongoDB has a user and no password",
      { ...MONGO, MONGODB_USERNAME: "u" },
      "MONGODB_USERNAME and MONGODB_PASSWORD must be set together",
    ],
    [
      "MongoDB has no signing key",
      { MONGODB_URI: MONGO.MONGODB_URI },
      /JWT_SIGNING_KEY must be set with MongoDB.*openssl/,
    ],
    [
      "the key of the secrets is no key",
      { TESTFLINGER_SECRETS_MASTER_KEY: "abc" },
      /TESTFLINGER_SECRETS_MASTER_KEY must be base64 of 96 bytes.*openssl/,
    ],
    [
      "Vault has no token",
      { TESTFLINGER_VAULT_URL: "https://vault" },
      "TESTFLINGER_VAULT_URL and TESTFLINGER_VAULT_TOKEN must be set together",
    ],
    ["a word is unknown", { JOB_OWNERSHIP: "strict" }, "JOB_OWNERSHIP must be record or enforce"],
    ["a size is no size", { MAX_ARTIFACT_SIZE: "plenty" }, "MAX_ARTIFACT_SIZE must be a number of bytes"],
    ["nothing would be kept", { RETENTION_JOBS_DAYS: "0" }, "RETENTION_JOBS_DAYS must be a whole number from 1"],
  ])("%s", async (_, env, message) => {
    const { status, stdout, stderr } = await runServer([], { ...fit(), ...env });
    expect({ status, stdout }).toEqual({ status: 2, stdout: "" });
    expect(stderr).toStartWith("testflinger-server: the configuration is not usable:\n");
    expect(stderr).toMatch(message);
  });

  test("several variables are wrong, all of them", async () => {
    const { stderr } = await runServer([], { ...fit(), PORT: "x", JWT_SIGNING_KEY: "short", JOB_OWNERSHIP: "?" });
    for (const name of ["PORT", "JWT_SIGNING_KEY", "JOB_OWNERSHIP"]) expect(stderr).toContain(`  ${name} must be`);
  });
});

test("a value that is secret is not shown in the complaint about it", async () => {
  const { stderr } = await runServer([], { ...fit(), JWT_SIGNING_KEY: "hunter2" });
  expect(stderr).not.toContain("hunter2");
});

describe("the server does not start and says why, when", () => {
  test("the data directory is a file", async () => {
    const file = join(folder.path, "file");
    await Bun.write(file, "");
    const { status, stderr } = await runServer([], { ...fit(), TESTFLINGER_DATA_DIR: file });
    expect(status).toBe(1);
    expect(stderr).toContain(file);
    expect(stderr).not.toContain("    at ");
  });

  test("MongoDB does not answer", async () => {
    const { status, stderr } = await runServer([], { ...fit(), ...MONGO });
    expect(status).toBe(1);
    expect(stderr).toMatch(/^testflinger-server: .*127\.0\.0\.1:1/);
    expect(stderr).not.toContain("    at ");
  });

  describe("another server", () => {
    let other: Deployment;
    beforeAll(async () => void (other = await deploy()));
    afterAll(() => other[Symbol.asyncDispose]());

    test("has the port", async () => {
      const { port } = new URL(other.server.url);
      const { status, stderr } = await runServer([], { ...fit(), PORT: port });
      expect(status).toBe(1);
      expect(stderr).toBe(
        `testflinger-server: 127.0.0.1:${port} is in use by another program. Stop it, or set PORT to another port.\n`,
      );
    });

    test("has the data directory", async () => {
      const { status, stderr } = await runServer([], { ...fit(), ...other.env });
      expect(status).toBe(1);
      expect(stderr).toContain(other.env.TESTFLINGER_DATA_DIR!);
      expect(stderr).not.toContain("    at ");
    });
  });
});

test("a command that does not exist is refused with a hint", async () => {
  expect(await runServer(["serve"], fit())).toEqual({
    status: 2,
    stdout: "",
    stderr: "testflinger-server: unknown command 'serve'. See testflinger-server --help.\n",
  });
});

describe("healthcheck", () => {
  test("is content with a server that is ready", async () => {
    await using deployment = await deploy();
    const { port } = new URL(deployment.server.url);
    expect(await runServer(["healthcheck"], { PORT: port })).toEqual({ status: 0, stdout: "", stderr: "" });
  });

  test("complains where no server is", async () => {
    const { status, stderr } = await runServer(["healthcheck"], { PORT: "1" });
    expect(status).toBe(1);
    expect(stderr).toStartWith("not reachable: ");
  });
});
