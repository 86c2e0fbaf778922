import { describe, expect, test } from "bun:test";
import { HELP } from "../../src/server/admin/help.ts";
import { ConfigError, loadConfig } from "../../src/server/config.ts";
import { serverHelp } from "../../src/server/help.ts";
import { SETTINGS } from "../../src/server/settings.ts";

const KEY = "k".repeat(32);
const MASTER = Buffer.alloc(96, 1).toString("base64");

const problemsOf = (env: Record<string, string>): readonly string[] => {
  try {
    loadConfig(env);
    return [];
  } catch (error) {
    if (error instanceof ConfigError) return error.problems;
    throw error;
  }
};

describe("without any variable", () => {
  const config = loadConfig({ HOME: "/home/ann" });

  test("the server listens on loopback, keeps an embedded database and needs no login", () => {
    expect(config).toMatchObject({
      host: "127.0.0.1",
      port: 5000,
      metricsPort: 9090,
      proxyFix: false,
      jobOwnership: "record",
    });
    expect(config.store).toEqual({ kind: "sqlite", directory: "/home/ann/.local/share/testflinger" });
    expect(config.oidc).toBeUndefined();
    expect(config.retention).toEqual({ jobs: 7, agents: 7, refreshTokens: 90, people: 90 });
  });

  test("an empty value counts as unset", () =>
    expect(loadConfig({ HOME: "/home/ann", PORT: "", MONGODB_HOST: "" })).toEqual(config));
});

test("what is kept how long is told in days, each by its own variable", () => {
  const env = {
    RETENTION_JOBS_DAYS: "1",
    RETENTION_AGENTS_DAYS: "2",
    RETENTION_TOKENS_DAYS: "3",
    RETENTION_PEOPLE_DAYS: "4",
  };
  expect(loadConfig(env).retention).toEqual({ jobs: 1, agents: 2, refreshTokens: 3, people: 4 });
});

describe("where the embedded database is", () => {
  test.each<[Record<string, string>, string]>([
    [{ TESTFLINGER_DATA_DIR: "/data", XDG_DATA_HOME: "/x", HOME: "/h" }, "/data"],
    [{ XDG_DATA_HOME: "/x", HOME: "/h" }, "/x/testflinger"],
    [{ XDG_DATA_HOME: "relative", HOME: "/h" }, "/h/.local/share/testflinger"],
    [{}, "testflinger-data"],
  ])("%j -> %s", (env, directory) => expect(loadConfig(env).store).toEqual({ kind: "sqlite", directory }));
});

describe("each of these stops the start and is named with its remedy", () => {
  test.each<[Record<string, string>, string]>([
    [{ PORT: "http" }, "PORT must be a whole number from 0 to 65535"],
    [{ PORT: "70000" }, "PORT must be a whole number from 0 to 65535"],
    [{ JWT_LEEWAY: "5s" }, "JWT_LEEWAY must be a whole number from 0 to 3600"],
    [{ ENABLE_PROXYFIX: "maybe" }, "ENABLE_PROXYFIX must be true or false"],
    [{ OIDC_ROLE_CLAIM: "groups" }, "OIDC_ROLE_CLAIM and OIDC_ROLE_MAP must be set together"],
    [
      { OIDC_ROLE_CLAIM: "g", OIDC_ROLE_MAP: "a=king" },
      "OIDC_ROLE_MAP must give each value one of the roles contributor, manager, admin",
    ],
    [
      { OIDC_ROLE_CLAIM: "g", OIDC_ROLE_MAP: "a=agent" },
      "OIDC_ROLE_MAP must give each value one of the roles contributor, manager, admin",
    ],
    [
      { OIDC_ROLE_CLAIM: "g", OIDC_ROLE_MAP: "admin" },
      "OIDC_ROLE_MAP must give each value one of the roles contributor, manager, admin",
    ],
    [{ OIDC_ROLE_CLAIM: "g", OIDC_ROLE_MAP: "{}" }, "OIDC_ROLE_MAP must name at least one value and its role"],
    [
      { OIDC_ROLE_CLAIM: "g", OIDC_ROLE_MAP: "{a" },
      "OIDC_ROLE_MAP must be VALUE=ROLE pairs with commas between, or a JSON object",
    ],
    [{ LIMIT_LOGIN_FAILURES_ADDRESS: "-1" }, "LIMIT_LOGIN_FAILURES_ADDRESS must be a whole number from 0 to 1000000"],
    [
      { ALLOWED_HOSTS: "lab.example, http://x" },
      "ALLOWED_HOSTS must be host names with commas between; 'http://x' is none",
    ],
    [{ JOB_OWNERSHIP: "strict" }, "JOB_OWNERSHIP must be record or enforce"],
    [{ MAX_ARTIFACT_SIZE: "10GB" }, "MAX_ARTIFACT_SIZE must be a number of bytes, or one with KiB, MiB, GiB or TiB"],
    [{ WEBHOOK_URL: "observer.local" }, "WEBHOOK_URL must be a URL that begins with http:// or https://"],
    [
      { JWT_SIGNING_KEY: "my_secret_key" },
      "JWT_SIGNING_KEY must be at least 32 bytes long. Make one with: openssl rand -base64 48",
    ],
    [
      { JWT_SIGNING_KEYS: `${KEY},my_secret_key` },
      "JWT_SIGNING_KEYS must be at least 32 bytes long. Make one with: openssl rand -base64 48",
    ],
    [
      { TESTFLINGER_SECRETS_MASTER_KEY: "c2hvcnQ=" },
      "TESTFLINGER_SECRETS_MASTER_KEY must be base64 of 96 bytes. Make one with: openssl rand -base64 96 | tr -d '\\n'",
    ],
    [
      { TESTFLINGER_SECRETS_MASTER_KEY: `${MASTER}!` },
      "TESTFLINGER_SECRETS_MASTER_KEY must be base64 of 96 bytes. Make one with: openssl rand -base64 96 | tr -d '\\n'",
    ],
    [
      { OIDC_CLIENT_ID: "c" },
      "OIDC_PROVIDER_ISSUER and WEB_SECRET_KEY must be set as well for people to log in, or none of the OIDC_* variables and WEB_SECRET_KEY",
    ],
    [
      { OIDC_CLIENT_SECRET: "s" },
      "OIDC_CLIENT_ID and OIDC_PROVIDER_ISSUER and WEB_SECRET_KEY must be set as well for people to log in, or none of the OIDC_* variables and WEB_SECRET_KEY",
    ],
    [
      { WEB_SECRET_KEY: "w", OIDC_CLIENT_ID: "c" },
      "OIDC_PROVIDER_ISSUER must be set as well for people to log in, or none of the OIDC_* variables and WEB_SECRET_KEY",
    ],
    [{ MONGODB_HOST: "mongo", JWT_SIGNING_KEY: KEY }, "MONGODB_DATABASE must be set as well, or MONGODB_URI"],
    [{ MONGODB_DATABASE: "db" }, "MONGODB_HOST must be set as well, or MONGODB_URI"],
    [
      { MONGODB_URI: "mongodb://mongo/db" },
      "JWT_SIGNING_KEY must be set with MongoDB, the same for every server on the database. Make one with: openssl rand -base64 48",
    ],
    [
      { MONGODB_URI: "mongodb://mongo/db", MONGODB_USERNAME: "u", JWT_SIGNING_KEY: KEY },
      "MONGODB_USERNAME and MONGODB_PASSWORD must be set together",
    ],
    [
      { TESTFLINGER_VAULT_URL: "https://vault" },
      "TESTFLINGER_VAULT_URL and TESTFLINGER_VAULT_TOKEN must be set together",
    ],
  ])("%j", (env, problem) => expect(problemsOf(env)).toEqual([problem]));

  test("all faults are told at once", () =>
    expect(problemsOf({ PORT: "x", METRICS_PORT: "y", JWT_SIGNING_KEY: "z" })).toHaveLength(3));

  test("what is missing is told beside what is wrong, which is not missing", () =>
    expect(problemsOf({ OIDC_PROVIDER_ISSUER: "id.example", MONGODB_HOST: "mongo", JWT_SIGNING_KEY: "short" })).toEqual(
      [
        expect.stringMatching(/^JWT_SIGNING_KEY must be at least 32 bytes long/),
        expect.stringMatching(/^OIDC_PROVIDER_ISSUER must be a URL/),
        expect.stringMatching(/^OIDC_CLIENT_ID and WEB_SECRET_KEY must be set as well/),
        "MONGODB_DATABASE must be set as well, or MONGODB_URI",
      ],
    ));

  test("a secret that is refused is not repeated", () =>
    expect(problemsOf({ JWT_SIGNING_KEY: "hunter2", TESTFLINGER_SECRETS_MASTER_KEY: "hunter2" }).join()).not.toContain(
      "hunter2",
    ));
});

describe("what is set", () => {
  test("OIDC with and without a client secret", () => {
    const login = { OIDC_CLIENT_ID: "c", OIDC_PROVIDER_ISSUER: "https://id.example", WEB_SECRET_KEY: "w" };
    expect(loadConfig(login).oidc).toEqual({
      clientId: "c",
      clientSecret: undefined,
      issuer: "https://id.example",
      requireVerifiedEmail: false,
      roles: undefined,
      returnFromLogout: false,
      browser: { secretKey: "w", sessions: { idle: 28_800, absolute: 604_800 } },
    });
    expect(loadConfig({ ...login, OIDC_CLIENT_SECRET: "s" }).oidc?.clientSecret).toBe("s");
  });

  test("roles by the provider's groups, in words or in JSON", () => {
    const rolesOf = (OIDC_ROLE_MAP: string) =>
      loadConfig({
        OIDC_CLIENT_ID: "c",
        OIDC_PROVIDER_ISSUER: "https://id.example",
        WEB_SECRET_KEY: "w",
        OIDC_ROLE_CLAIM: "groups",
        OIDC_ROLE_MAP,
      }).oidc?.roles;
    expect(rolesOf("lab-admins=admin, a=b=manager")).toEqual({
      claim: "groups",
      roles: { "lab-admins": "admin", "a=b": "manager" },
    });
    expect(rolesOf('{"cn=admins,ou=lab": "admin"}')?.roles).toEqual({ "cn=admins,ou=lab": "admin" });
  });

  test("groups by the claim that is named, with roles or without", () => {
    const login = { OIDC_CLIENT_ID: "c", OIDC_PROVIDER_ISSUER: "https://id.example", WEB_SECRET_KEY: "w" };
    expect(loadConfig({ ...login, OIDC_GROUPS_CLAIM: "realm_access.groups" }).oidc).toMatchObject({
      groupsClaim: "realm_access.groups",
      roles: undefined,
    });
    expect(loadConfig(login).oidc?.groupsClaim).toBeUndefined();
  });

  test("signing keys: the newest in front, one that stands alone behind them, none twice", () => {
    const keysOf = (env: Record<string, string>) =>
      loadConfig(env).signingKeys.map((key) => new TextDecoder().decode(key));
    const [a, b] = ["a".repeat(32), "b".repeat(32)];
    expect(keysOf({})).toEqual([]);
    expect(keysOf({ JWT_SIGNING_KEY: "a, key with a comma and blanks in it" })).toHaveLength(1);
    expect(keysOf({ JWT_SIGNING_KEYS: `${a}, ${b}` })).toEqual([a, b]);
    expect(keysOf({ JWT_SIGNING_KEYS: `${b}\n${a}\n`, JWT_SIGNING_KEY: a })).toEqual([b, a]);
    expect(keysOf({ JWT_SIGNING_KEYS: b, JWT_SIGNING_KEY: a })).toEqual([b, a]);
  });

  test("MongoDB by URI or by its parts", () => {
    expect(
      loadConfig({ MONGODB_URI: "mongodb://mongo/db", MONGODB_HOST: "other", JWT_SIGNING_KEYS: KEY }).store,
    ).toEqual({
      kind: "mongo",
      connection: "mongodb://mongo/db",
      maxPoolSize: 100,
    });
    expect(
      loadConfig({
        MONGODB_HOST: "mongo",
        MONGODB_DATABASE: "db",
        MONGODB_USERNAME: "u",
        MONGODB_PASSWORD: "p",
        JWT_SIGNING_KEY: KEY,
      }).store,
    ).toEqual({
      kind: "mongo",
      maxPoolSize: 100,
      connection: { host: "mongo", port: 27017, database: "db", username: "u", password: "p", authSource: "admin" },
    });
  });

  test.each([
    ["1048576", 1_048_576],
    ["64 MiB", 67_108_864],
    ["1TiB", 1_099_511_627_776],
  ])("a size of %s is %p bytes", (text, bytes) =>
    expect(loadConfig({ MAX_ATTACHMENT_SIZE: text }).maxAttachmentSize).toBe(bytes),
  );
});

describe("--help", () => {
  const help = serverHelp();
  const flowing = help.replace(/\n +/g, " ");

  test.each(Object.entries(SETTINGS))("lists %s with its default", (name, { shown }) => {
    expect(help).toMatch(new RegExp(`^  ${name} `, "m"));
    if (shown) expect(flowing).toContain(`(default ${shown})`);
  });

  test.each(Object.keys(HELP))("lists the command 'admin %s'", (command) =>
    expect(help).toMatch(new RegExp(`^  ${command} `, "m")),
  );

  test("fits a terminal", () =>
    expect(Math.max(...help.split("\n").map((line) => line.length))).toBeLessThanOrEqual(100));
});
