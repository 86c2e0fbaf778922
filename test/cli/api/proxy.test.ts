import { describe, expect, test } from "bun:test";
import { proxyOf } from "../../../src/cli/api/proxy.ts";

describe("the proxy of a request", () => {
  test.each([
    ["none by default", "http://lab.example/x", {}, undefined],
    ["by the scheme", "https://lab.example", { http_proxy: "http://a", HTTPS_PROXY: "http://b:3128" }, "b:3128"],
    ["in either case, the lower first", "http://lab.example", { http_proxy: "http://a", HTTP_PROXY: "http://b" }, "a"],
    ["without its password", "http://lab.example", { HTTP_PROXY: "http://me:pw@proxy:1" }, "proxy:1"],
    ["none when the variable is no URL", "http://lab.example", { HTTP_PROXY: "???" }, undefined],
    [
      "not for exempt domains",
      "http://a.lab.example",
      { HTTP_PROXY: "http://p", NO_PROXY: "x, .lab.example" },
      undefined,
    ],
    ["not for an exempt host", "http://lab:80", { HTTP_PROXY: "http://p", no_proxy: "lab" }, undefined],
    ["for a host that only ends alike", "http://mylab", { HTTP_PROXY: "http://p", no_proxy: "lab" }, "p"],
    ["not when everything is exempt", "http://lab", { HTTP_PROXY: "http://p", no_proxy: "*" }, undefined],
  ] as const)("is %s", (_, url, env, proxy) => expect(proxyOf(new URL(url), env)).toBe(proxy));
});
