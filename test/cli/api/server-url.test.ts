import { describe, expect, test } from "bun:test";
import { isCleartext, isLoopback, parseServerUrl } from "../../../src/cli/api/server-url.ts";

describe("the server setting", () => {
  const good: [text: string, base: string][] = [
    ["https://testflinger.example.com", "https://testflinger.example.com"],
    ["https://testflinger.example.com/", "https://testflinger.example.com"],
    ["https://Testflinger.Example.COM:443", "https://testflinger.example.com"],
    ["http://127.0.0.1:8000/base/path/", "http://127.0.0.1:8000/base/path"],
    ["http://host/base?x=1#y", "http://host/base"],
    ["http://[::1]:8000", "http://[::1]:8000"],
  ];
  test.each(good)("%j means %s", (text, base) => expect(parseServerUrl(text).base).toBe(base));

  test.each(["example.com", "HTTP://127.0.0.1:9", "ftp://x", "127.0.0.1:8000", ""])(
    "%j is refused with the words of the reference",
    (text) =>
      expect(() => parseServerUrl(text)).toThrow(
        `Server must start with "http://" or "https://" - currently set to: "${text}"`,
      ),
  );

  test.each(["http://", "https:///path", "http://?x", "http://host:99999", "http://a b"])("%j names no host", (text) =>
    expect(() => parseServerUrl(text)).toThrow("Server must name a host"),
  );

  test("never holds a password, which would be shown and logged", () => {
    expect(() => parseServerUrl("https://me:secret@host")).toThrow("Server must not contain a user name or password");
  });

  test("is shown without control characters", () => {
    expect(() => parseServerUrl("a\u001b[2J")).toThrow('currently set to: "a[2J"');
  });
});

test.each([
  ["http://example.com", true],
  ["https://example.com", false],
  ["http://localhost:8000", false],
  ["http://127.1.2.3", false],
  ["http://[::1]", false],
  ["http://127.0.0.1.example.com", true],
])("%s sends logins in clear: %p", (url, clear) => expect(isCleartext(parseServerUrl(url))).toBe(clear));

test.each([
  ["localhost", true],
  ["a.localhost", true],
  ["notlocalhost", false],
  ["128.0.0.1", false],
])("%s is loopback: %p", (host, loopback) => expect(isLoopback(host)).toBe(loopback));
