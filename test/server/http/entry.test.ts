import { describe, expect, test } from "bun:test";
import { canonicalUrl, Entry } from "../../../src/server/http/entry.ts";
import type { Answered } from "../../../src/server/http/router.ts";
import { jsonLogger } from "../../../src/server/log/logger.ts";

const entry = (proxyFix = false, allowedHosts: string[] = [], hstsMaxAge = 0) => {
  const seen: Request[] = [];
  const lines: string[] = [];
  const counted: Answered[] = [];
  const one = new Entry(
    (request) => {
      seen.push(request);
      return new Response("answered");
    },
    {
      log: jsonLogger(
        (line) => lines.push(line),
        () => new Date(0),
      ),
      proxyFix,
      allowedHosts,
      hstsMaxAge,
      port: 5000,
      newId: () => "id-1",
      metrics: { answered: (answer) => void counted.push(answer) },
    },
  );
  return { one, seen, counted };
};

describe("slashes are read as the reference reads them (server-api section 1.1)", () => {
  const at = "http://h";
  test.each<[string, { path: string; query?: string; redirect?: string }]>([
    ["/v1/job", { path: "/v1/job" }],
    ["/v1/job/?x=//", { path: "/v1/job/", query: "?x=//" }],
    ["/v1/job?x=%2f#y", { path: "/v1/job", query: "?x=%2f#y" }],
    ["//v1/job", { path: "/v1/job" }],
    ["/v1//job?a=1", { path: "/v1/job", query: "?a=1", redirect: "/v1/job?a=1" }],
    ["/v1/agents/data/a%2Fb", { path: "/v1/agents/data/a/b" }],
    ["/v1/secrets/me/a//b", { path: "/v1/secrets/me/a//b" }],
    ["/v1/secrets//me/a", { path: "/v1/secrets/me/a", redirect: "/v1/secrets/me/a" }],
    ["/v1/agents/data/100%?a=%", { path: "/v1/agents/data/100%25", query: "?a=%" }],
    ["/v1/agents/data/%ff%c3%a9%zz", { path: "/v1/agents/data/%EF%BF%BD%C3%A9%25zz" }],
  ])("%s", (given, { path, query = "", redirect }) =>
    expect(canonicalUrl(at + given)).toEqual({ serve: at + path + query, path, redirect }),
  );

  test.each(["/v1/job", "//v1/job"])("a request for %s that names no host is served", (path) =>
    expect(canonicalUrl(path)).toEqual({ serve: "http://localhost/v1/job", path: "/v1/job" }),
  );

  test("a redirect never leads to another host, whatever the path begins with", () =>
    expect(canonicalUrl("http://h//evil.example//x").redirect).toBe("/evil.example/x"));
});

describe("the Host header", () => {
  // A router that finds the path by counting characters of the URL served another path under a one-letter host.
  test.each(["h", "example.com", "example.com:8080", "127.0.0.1:5000", "[::1]:5000", "a_b"])(
    "%s is accepted",
    async (host) => {
      const { one, seen } = entry();
      expect((await one.fetch(new Request("http://localhost/v1", { headers: { host } }))).status).toBe(200);
      expect(seen).toHaveLength(1);
    },
  );

  test.each(["a b", "evil.com/path", "x@y", "<script>", "a:b:c", "example.com:port", "example.com:65536"])(
    "%s is refused before anything is routed",
    async (host) => {
      const { one, seen } = entry();
      const answer = await one.fetch(new Request("http://localhost/v1", { headers: { host } }));
      expect(answer.status).toBe(400);
      expect(await answer.json()).toEqual({ detail: {}, message: "The Host header is not a host name." });
      expect(seen).toEqual([]);
    },
  );
});

/** RFC 9110 section 7.4, ASVS 5.0 control 4.1.3: names of others may lead here, by their DNS or by a header. */
describe("with ALLOWED_HOSTS", () => {
  const ALLOWED = ["lab.example", "*.lab.example", "127.0.0.1:5000", "[::1]"];
  const ask = async (host: string | undefined, path = "/v1/job", forwarded?: string) => {
    const { one, seen } = entry(forwarded !== undefined, ALLOWED);
    const headers = { ...(host ? { host } : {}), ...(forwarded ? { "x-forwarded-host": forwarded } : {}) };
    const { status } = await one.fetch(new Request(`http://localhost${path}`, { headers }));
    return [status, seen.length];
  };

  test.each([
    "lab.example",
    "LAB.EXAMPLE",
    "lab.example.",
    "lab.example:8080",
    "a.lab.example",
    "a.b.lab.example:1",
    "127.0.0.1:5000",
    "[::1]:9",
  ])("%s is served", async (host) => expect(await ask(host)).toEqual([200, 1]));

  test.each([
    "evil.example",
    "lab.example.evil.example",
    "evillab.example",
    ".lab.example",
    "lab.example@evil.example",
    "127.0.0.1",
    "127.0.0.1:5001",
    "[::2]",
    "localhost",
    undefined,
  ])("%s is not", async (host) => expect((await ask(host))[1]).toBe(0));

  test("the name that the proxy was asked by counts", async () => {
    expect(await ask("inner", "/v1/job", "lab.example")).toEqual([200, 1]);
    expect(await ask("lab.example", "/v1/job", "evil.example")).toEqual([421, 0]);
    expect(await ask("lab.example", "/v1/job", "<script>")).toEqual([400, 0]);
  });

  test.each(["/healthz", "/readyz", "/v1", "/v1/"])("probes reach %s by any address", async (path) =>
    expect(await ask("10.1.2.3:5000", path)).toEqual([200, 1]),
  );
});

describe("what logs tell of a request", () => {
  const facts = async (proxyFix: boolean) => {
    const { one, seen } = entry(proxyFix);
    const request = new Request("http://localhost/v1/job?secret=1", {
      headers: {
        host: "inner:5000",
        "x-forwarded-for": "6.6.6.6, 10.0.0.9",
        "x-forwarded-proto": "https",
        "x-forwarded-host": "lab.example",
      },
    });
    await one.fetch(request, { requestIP: () => ({ address: "127.0.0.1", family: "IPv4", port: 1 }) });
    const { requestId, method, path, sourceAddress, host, protocol, origin, port } = one.contextOf(seen[0] as Request);
    return { requestId, method, path, sourceAddress, host, protocol, origin, port };
  };

  test("without a trusted proxy forwarding headers are lies", async () =>
    expect(await facts(false)).toEqual({
      requestId: "id-1",
      method: "GET",
      path: "/v1/job",
      sourceAddress: "127.0.0.1",
      host: "inner",
      protocol: "http",
      origin: "http://inner:5000",
      port: 5000,
    }));

  test("with one the last hop counts, which the proxy itself wrote", async () =>
    expect(await facts(true)).toMatchObject({
      sourceAddress: "10.0.0.9",
      host: "lab.example",
      protocol: "https",
      origin: "https://lab.example",
    }));
});

test("every answer carries its request id and forbids guessing the type", async () => {
  const { headers } = await entry().one.fetch(new Request("http://localhost/v1"));
  expect(headers.get("x-request-id")).toBe("id-1");
  expect(headers.get("x-content-type-options")).toBe("nosniff");
});

/** RFC 6797 section 7.2; ASVS 5.0 control 3.4.1. */
describe("browsers are told to come by https only", () => {
  const told = async (given: { proxyFix: boolean; maxAge: number; proto?: string; host?: string }) => {
    const headers = {
      host: given.host ?? "lab.example",
      ...(given.proto === undefined ? {} : { "x-forwarded-proto": given.proto }),
    };
    const { one } = entry(given.proxyFix, ["lab.example"], given.maxAge);
    const answer = await one.fetch(new Request("http://lab.example/v1/job", { headers }));
    return [answer.status, answer.headers.get("strict-transport-security")];
  };

  test.each([
    ["where the trusted proxy says that they came so", { proxyFix: true, maxAge: 60, proto: "https" }, "max-age=60"],
    ["not where they came by http", { proxyFix: true, maxAge: 60, proto: "http" }, null],
    ["not where nobody says how they came", { proxyFix: true, maxAge: 60 }, null],
    ["not where no proxy is trusted", { proxyFix: false, maxAge: 60, proto: "https" }, null],
    ["not where the operator does not want it", { proxyFix: true, maxAge: 0, proto: "https" }, null],
  ])("%s", async (_case, given, header) => expect(await told(given)).toEqual([200, header]));

  test("in refusals as well", async () =>
    expect(await told({ proxyFix: true, maxAge: 60, proto: "https", host: "other.example" })).toEqual([
      421,
      "max-age=60",
    ]));
});

test("answers that no route gives are counted, and others are left to the router", async () => {
  const { one, counted } = entry(false, ["lab.example"]);
  for (const [method, url] of [
    ["GET", "http://lab.example/v1/job"],
    ["HEAD", "http://lab.example/v1//job"],
    ["GET", "http://elsewhere.example/v1/job"],
  ] as const)
    await one.fetch(new Request(url, { method, headers: { host: new URL(url).host } }));
  expect(counted).toEqual([
    { route: null, method: "HEAD", status: 308 },
    { route: null, method: "GET", status: 421 },
  ]);
});
