import { describe, expect, test } from "bun:test";
import { createServer } from "node:net";
import { embeddedStore, storesForServers } from "../stores.ts";
import { testApp } from "../test-app.ts";
import { databaseDump } from "./database-dump.ts";
import { credentialsIn } from "./messages.ts";
import { tap } from "./tap.ts";
import { CredentialWatch } from "./watch.ts";

const SECRET = 'a "secret"/ of somebody+else';
const LONG = Buffer.from(crypto.getRandomValues(new Uint8Array(400))).toString("base64url");

/** How a credential may have been written down. */
const FORMS: [form: string, write: (credential: string) => string][] = [
  ["plain", (credential) => credential],
  ["in JSON", (credential) => JSON.stringify({ credential })],
  ["in JSON within JSON", (credential) => JSON.stringify({ message: `got ${JSON.stringify({ credential })}` })],
  ["in a URL", (credential) => `/path?x=${encodeURIComponent(credential)}`],
  ["in hexadecimal", (credential) => Buffer.from(credential).toString("hex")],
  ...["", "a", "ab", "abc"].flatMap((before): typeof FORMS => [
    [`in base64 behind '${before}'`, (credential) => btoa(`${before}${credential} and more`)],
    [
      `in base64url behind '${before}'`,
      (credential) => Buffer.from(`${before}${credential} and more`).toString("base64url"),
    ],
  ]),
];

describe("a credential is found", () => {
  test.each(FORMS)("%s", (_form, write) => {
    for (const credential of [SECRET, LONG]) {
      const watch = new CredentialWatch();
      watch.note("planted secret", credential);
      expect(watch.leaks({ log: `before ${write(credential)} behind` })).toHaveLength(1);
      expect(watch.leaks({ log: `before ${write(credential.replaceAll(/[a-m]/g, "x"))} behind` })).toEqual([]);
    }
  });

  test("when a database has split it between two pages", () => {
    const watch = new CredentialWatch();
    watch.note("planted secret", LONG);
    for (const at of [50, 270, 500])
      expect(watch.leaks({ database: `${LONG.slice(0, at)} next page ${LONG.slice(at)}` })).toHaveLength(1);
  });

  test("among lines that were logged, and is named with its place", () => {
    const watch = new CredentialWatch();
    watch.note("planted secret", "hidden-from-all");
    watch.log("a line");
    expect(() => watch.assertSafe()).not.toThrow();
    watch.log("user hidden-from-all has come");
    expect(() => watch.assertSafe()).toThrow("planted secret 'hidden-from-all' in the log");
  });

  test("in all that commands print, but for the code that the person enters at the provider", () => {
    const watch = new CredentialWatch();
    watch.reads('{"user_code": "WDJB-MJHT", "device_code": "a-device-code"}');
    const shown = "WDJB-MJHT a-device-code";
    expect(watch.leaks({ output: shown })).toEqual([expect.stringContaining("device_code 'a-device-code'")]);
    expect(watch.leaks({ log: shown })).toHaveLength(2);
  });

  test("unless its hash is there, or the test permits it", () => {
    const watch = new CredentialWatch();
    watch.permit("a public challenge", "it is public");
    watch.note("planted secret", "a public challenge");
    watch.note("planted secret", LONG);
    const hashes = (["hex", "base64"] as const).map((form) => new Bun.CryptoHasher("sha256").update(LONG).digest(form));
    expect(watch.leaks({ log: "a public challenge", database: hashes.join() })).toEqual([]);
  });
});

/** What passes -> the credentials in it. */
const MESSAGES: [what: string, message: string, found: string[]][] = [
  ["a bearer token", "GET /v1/job HTTP/1.1\r\nAuthorization: Bearer some.bearer.token\r\n\r\n", ["some.bearer.token"]],
  ["a password", "POST /v1/oauth2/token\nauthorization: basic Y2k6YTpi\n", ["Y2k6YTpi", "a:b"]],
  ["a cookie", "HTTP/1.1 302\r\nSet-Cookie: __Host-testflinger-session=abc; Path=/\r\n", ["abc"]],
  ["a cookie that somebody made up", "GET /\r\nCookie: testflinger-session=abc\r\n", []],
  ["another cookie", "HTTP/1.1 200\r\nSet-Cookie: agent_name=lab-1\r\n", []],
  ["tokens", '{"access_token":"one", "refresh_token" : "t\\"wo"}', ["one", 't"wo']],
  ["a device login", '{"request_id":"rid","user_code":"WDJB-MJHT"}', ["rid", "WDJB-MJHT"]],
  ["a poll", "POST /oidc/auth-poll/r%2Did HTTP/1.1", ["r-id"]],
  [
    "a form",
    `\r\n\r\ngrant_type=x&device_code=d%20c&code=${"c".repeat(20)}&client_secret=s+1`,
    ["d c", "c".repeat(20), "s 1"],
  ],
  ["a redirect", `Location: /authorize?state=${"s".repeat(43)}&scope=openid`, ["s".repeat(43)]],
  ["a filter of a list", "GET /jobs?state=completed&token=no", []],
  ["a secret for jobs", 'PUT /v1/secrets/me/ci HTTP/1.1\r\n\r\n{"value": "hush"}', ["hush"]],
  ["another value", 'PUT /v1/result/me HTTP/1.1\r\n\r\n{"value": "hush"}', []],
  ["a token of Vault", "GET /v1/kv\nx-vault-token: hvs.1", ["hvs.1"]],
];
test.each(MESSAGES)("credentials are recognised: %s", (_what, message, found) =>
  expect(credentialsIn(message).map(([, text]) => text)).toEqual(found),
);

test("what goes through a tap arrives as it was, and is seen, in one piece or in two", async () => {
  const echo = createServer((socket) => socket.pipe(socket));
  await new Promise<void>((listening) => echo.listen(0, "127.0.0.1", listening));
  const watch = new CredentialWatch();
  const { port } = echo.address() as { port: number };
  await using seen = await tap(`http://127.0.0.1:${port}`, watch);
  const received = Promise.withResolvers<string>();
  let text = "";
  const socket = await Bun.connect({
    hostname: "127.0.0.1",
    port: Number(new URL(seen.url).port),
    socket: {
      data(open, bytes) {
        text += bytes.toString();
        if (text === "Authorization: Bear") open.write("er a-bearer-token\r\n");
        if (text.endsWith("\n")) received.resolve(text);
      },
    },
  });
  socket.write("Authorization: Bear");
  expect(await received.promise).toBe("Authorization: Bearer a-bearer-token\r\n");
  expect(watch.leaks({ log: "a-bearer-token" })).toHaveLength(1);
  socket.end();
  echo.close();
});

describe.each(storesForServers())("a test fails that leaves a credential in the database on $name", ({ open }) => {
  test("in a record, and in one that was deleted", async () => {
    const store = await open();
    const app = await testApp({ env: store.env });
    const token = await app.token("ci", { role: "admin" });
    await app.fetch(new Request("http://localhost/v1/agents/data", { headers: { authorization: `Bearer ${token}` } }));
    expect(app.watch.leaks({ database: await databaseDump(store.env) })).toEqual([]);
    await app.store.clients.create({ id: token, permissions: {} });
    expect(app.watch.leaks({ database: await databaseDump(store.env) })).toHaveLength(1);
    await expect(app.close()).rejects.toThrow("access token");
    await store.remove();
  });
});

test("a test fails that logs a credential, or counts by it", async () => {
  const store = await embeddedStore();
  const app = await testApp({ env: store.env });
  app.lines.push(`somebody has come with ${await app.token("ci", {})}`);
  await expect(app.close()).rejects.toThrow("in the log");
  await store.remove();
});
