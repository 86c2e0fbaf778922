import { describe, expect, test } from "bun:test";
import { chmodSync, existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { parseServerUrl } from "../../../src/cli/api/server-url.ts";
import { loginFolders } from "../../../src/cli/auth/login-slot.ts";
import { LoginStore } from "../../../src/cli/auth/login-store.ts";
import { CliError } from "../../../src/cli/errors.ts";
import { World } from "../support/world.ts";

const SERVER = "https://testflinger.example.com";
const OTHER = "https://testflinger.example.com:8443";
const FOLDER = "testflinger-cli/testflinger_example_com";
const LOGIN = { clientId: "olga@example.com", refreshToken: "rt%1" };

const storeFor = (world: World, server = SERVER) => new LoginStore(world.home, parseServerUrl(server), world.clock);
const write = (store: LoginStore, login = LOGIN) => store.exclusively(() => store.write(login));
const mode = (path: string) => (statSync(path).mode & 0o777).toString(8);

function place(world: World, content: string, folder = FOLDER): string {
  const file = join(world.home, folder, "auth.conf");
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, content);
  return file;
}

describe("the folder of a login", () => {
  test.each([
    ["https://testflinger.example.com", "testflinger_example_com", "testflinger_example_com_443"],
    ["https://Testflinger.Example.com:8443", "testflinger_example_com", "testflinger_example_com_8443"],
    ["http://127.0.0.1:8000/a/b", "127_0_0_1", "127_0_0_1_8000_a_b"],
    ["http://[::1]", "_1_", "_1_80"],
    ["https://a--b.example", "a_b_example", "a_b_example_443"],
  ])("of %s is %s, or %s when that is taken", (server, shared, own) => {
    expect(loginFolders("/home", parseServerUrl(server))).toEqual({
      shared: `/home/testflinger-cli/${shared}`,
      own: `/home/testflinger-cli/${own}`,
    });
  });
});

describe("a stored login", () => {
  test("is read back", async () => {
    using world = new World();
    const store = storeFor(world);
    expect(store.read()).toBeUndefined();
    await write(store);
    expect(store.read()).toEqual(LOGIN);
  });

  test("has the reference's form and place", async () => {
    using world = new World();
    await write(storeFor(world));
    expect(readFileSync(join(world.home, FOLDER, "auth.conf"), "utf8")).toBe(
      `[AUTH]\nclient_id = olga@example.com\nrefresh_token = rt%%1\nserver = ${SERVER}\n\n`,
    );
  });

  test("is its owner's alone, whatever was there before", async () => {
    using world = new World();
    const file = place(world, "[AUTH]\nclient_id = a\nrefresh_token = b\n");
    chmodSync(file, 0o666);
    chmodSync(dirname(file), 0o755);
    await write(storeFor(world));
    expect([mode(file), mode(dirname(file))]).toEqual(["600", "700"]);
  });

  test("of the reference is closed to others when it is read", () => {
    using world = new World();
    const file = place(world, "# mine\n[AUTH]\nClient_ID: cli-1\nREFRESH_TOKEN: rt-old\n");
    chmodSync(file, 0o644);
    expect(storeFor(world).read()).toEqual({ clientId: "cli-1", refreshToken: "rt-old" });
    expect([mode(file), mode(dirname(file))]).toEqual(["600", "700"]);
  });

  test.each([
    "",
    "[AUTH]\nclient_id = a\n",
    "[AUTH]\nclient_id =\nrefresh_token = b\n",
    "[OTHER]\nclient_id = a\nrefresh_token = b\n",
  ])("that is incomplete counts as none: %j", (content) => {
    using world = new World();
    place(world, content);
    expect(storeFor(world).read()).toBeUndefined();
  });

  test("that is broken is an error with file and line, which a new login repairs", async () => {
    using world = new World();
    const file = place(world, "[AUTH]\nrubbish\n");
    const store = storeFor(world);
    expect(() => store.read()).toThrow(`${file}:2: `);
    expect(() => store.read()).toThrow(CliError);
    store.forget();
    await write(store);
    expect(store.read()).toEqual(LOGIN);
  });

  test("is forgotten", async () => {
    using world = new World();
    const store = storeFor(world);
    await write(store);
    store.forget();
    expect(store.read()).toBeUndefined();
    expect(existsSync(store.file)).toBe(false);
    store.forget();
  });

  test("is kept when another one was to be forgotten", async () => {
    using world = new World();
    const store = storeFor(world);
    await write(store);
    store.forget({ ...LOGIN, refreshToken: "older" });
    expect(store.read()).toEqual(LOGIN);
    store.forget(LOGIN);
    expect(store.read()).toBeUndefined();
  });
});

describe("two servers on one host", () => {
  test("keep their logins apart", async () => {
    using world = new World();
    const [one, two] = [storeFor(world), storeFor(world, OTHER)];
    await write(one, { ...LOGIN, refreshToken: "one" });
    expect(two.read()).toBeUndefined();
    await write(two, { ...LOGIN, refreshToken: "two" });
    expect([one.read()?.refreshToken, two.read()?.refreshToken]).toEqual(["one", "two"]);
    two.forget();
    expect([one.read()?.refreshToken, two.read()]).toEqual(["one", undefined]);
  });

  test("share what the reference stored, which does not say whose it is", () => {
    using world = new World();
    place(world, "[AUTH]\nclient_id = a\nrefresh_token = b\n");
    expect(storeFor(world).read()).toEqual(storeFor(world, OTHER).read()!);
    expect(storeFor(world).read()).toBeDefined();
  });
});
