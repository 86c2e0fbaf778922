import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { homedir, tmpdir } from "node:os";
import { configFileIn, configHome, historyFileIn } from "../../../src/cli/config/paths.ts";
import { checkSetting, loadSettings, type SettingOptions } from "../../../src/cli/config/settings.ts";
import { CliError } from "../../../src/cli/errors.ts";

let folder: string;
let configFile: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "settings-"));
  configFile = join(folder, "testflinger-cli.conf");
});
afterEach(() => rmSync(folder, { recursive: true }));

interface Given {
  readonly options?: SettingOptions;
  readonly file?: string;
  readonly env?: Record<string, string>;
}

function load({ options = {}, file, env = {} }: Given) {
  if (file !== undefined) writeFileSync(configFile, `[testflinger-cli]\n${file}`);
  return loadSettings({ options, configFile, env });
}

describe("loadSettings", () => {
  test("has a default for everything but credentials", () => {
    expect(load({ env: { HOME: "/home/me" } })).toEqual({
      server: "https://testflinger.canonical.com",
      clientId: undefined,
      secretKey: undefined,
      errorThreshold: 3,
      attachmentsRetryWait: 10,
      attachmentsTimeout: 600,
      attachmentsTries: 3,
      historyLength: 10,
      requireHttps: false,
      configHome: "/home/me/.config",
    });
  });

  const env = { TESTFLINGER_SERVER: "http://env" };
  test.each<[string, Given]>([
    ["http://option", { options: { server: "http://option" }, file: "server = http://file", env }],
    ["http://file", { file: "server = http://file", env }],
    ["http://file", { options: { server: "" }, file: "server = http://file", env }],
    ["http://env", { file: "server =", env }],
    ["http://env", { env }],
    ["https://testflinger.canonical.com", { env: { TESTFLINGER_SERVER: "" } }],
  ])("takes the server %s from %j", (server, given) => {
    expect(load(given).server).toBe(server);
  });

  test("takes each half of the credentials from its own source", () => {
    const given = { file: "client_id = file", env: { TESTFLINGER_CLIENT_ID: "env", TESTFLINGER_SECRET_KEY: "key" } };
    expect(load(given)).toMatchObject({ clientId: "file", secretKey: "key" });
  });

  test("reads numbers from file and environment (W2)", () => {
    const file = "attachments_retry_wait = 0.5\nattachments_timeout = 60\nattachments_tries = 5";
    expect(load({ file, env: { TESTFLINGER_ERROR_THRESHOLD: "7" } })).toMatchObject({
      errorThreshold: 7,
      attachmentsRetryWait: 0.5,
      attachmentsTimeout: 60,
      attachmentsTries: 5,
    });
  });

  test.each(["0", "-1", "1.5", "x", "1e3", "9999999", "0x10", "Infinity"])("refuses error_threshold = %s", (value) => {
    expect(() => load({ file: `error_threshold = ${value}` })).toThrow(
      `error_threshold in ${configFile} must be a whole number from 1 to 1000000, not "${value}"`,
    );
    expect(() => load({ file: "", env: { TESTFLINGER_ERROR_THRESHOLD: value } })).toThrow(
      "TESTFLINGER_ERROR_THRESHOLD in the environment must be a whole number",
    );
  });

  test("reads how many jobs are remembered, ten by default and a thousand at most", () => {
    expect(load({}).historyLength).toBe(10);
    expect(load({ env: { TESTFLINGER_HISTORY_LENGTH: "50" } }).historyLength).toBe(50);
    expect(load({ file: "history_length = 0", env: { TESTFLINGER_HISTORY_LENGTH: "50" } }).historyLength).toBe(0);
    expect(() => load({ file: "history_length = 1001" })).toThrow("must be a whole number from 0 to 1000, not");
  });

  test.each([
    ["yes", true],
    ["TRUE", true],
    ["0", false],
    ["", false],
  ])("reads require_https = %j", (text, requireHttps) => {
    expect(load({ file: `require_https = ${text}` })).toMatchObject({ requireHttps });
    expect(load({ file: "", env: { TESTFLINGER_REQUIRE_HTTPS: text } })).toMatchObject({ requireHttps });
  });

  test("takes no other word for a truth value", () => {
    expect(() => load({ file: "require_https = always" })).toThrow(
      `require_https in ${configFile} must be true or false, not "always"`,
    );
    expect(() => load({ file: "", env: { TESTFLINGER_REQUIRE_HTTPS: "2" } })).toThrow(
      'TESTFLINGER_REQUIRE_HTTPS in the environment must be true or false, not "2"',
    );
  });

  test("names file and line of a broken file", () => {
    expect(() => load({ file: "nonsense" })).toThrow(new CliError(`${configFile}:2: expected "key = value"`));
  });

  test("accepts a byte order mark", () => {
    writeFileSync(configFile, "\ufeff[testflinger-cli]\nserver = http://x\n");
    expect(loadSettings({ options: {}, configFile, env: {} }).server).toBe("http://x");
  });

  test("says so when the file cannot be read, instead of going to another server", () => {
    mkdirSync(configFile);
    expect(() => load({})).toThrow(`Cannot read configuration file ${configFile}: `);
  });
});

describe("checkSetting", () => {
  test.each([
    ["error_threshold", "5"],
    ["error_threshold", ""],
    ["require_https", "true"],
    ["server", "anything"],
    ["constructor", "anything"],
  ])("accepts %s = %j", (key, value) => {
    expect(() => checkSetting(key, value)).not.toThrow();
  });

  test("refuses a word that would stop every later command", () => {
    expect(() => checkSetting("require_https", "always")).toThrow('require_https must be true or false, not "always"');
  });

  test("refuses a number that would stop every later command", () => {
    expect(() => checkSetting("attachments_tries", "many")).toThrow("attachments_tries must be a whole number");
  });
});

describe("configHome", () => {
  test.each([
    [{ XDG_CONFIG_HOME: "/xdg", HOME: "/home/me" }, "/xdg"],
    [{ XDG_CONFIG_HOME: "xdg", HOME: "/home/me" }, "/home/me/.config"],
    [{ XDG_CONFIG_HOME: "", HOME: "/home/me" }, "/home/me/.config"],
    [{}, join(homedir(), ".config")],
  ])("of %j is %s", (env, home) => {
    expect(configHome(env)).toBe(home);
  });

  test("holds the files under the names that the reference uses", () => {
    expect(configFileIn("/c")).toBe("/c/testflinger-cli.conf");
    expect(historyFileIn("/c")).toBe("/c/testflinger-cli-history.json");
  });
});
