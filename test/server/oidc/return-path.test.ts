import { describe, expect, test } from "bun:test";
import { returnPath } from "../../../src/server/oidc/return-path.ts";

/** Open redirects (CWE-601, ASVS 5.0 control 3.7.2): where a browser would go for each of these if it were in a `Location`. */
describe("after a login people come back to", () => {
  test.each([
    ["/", "/"],
    ["/jobs", "/jobs"],
    ["/jobs?search=a%20b&x=//y", "/jobs?search=a%20b&x=//y"],
    ["/agents/a/b#log", "/agents/a/b#log"],
    ["/auth/authorize?state=x", "/auth/authorize?state=x"],
    ["/queues/ü", "/queues/%C3%BC"],
  ])("%s", (wanted, path) => expect(returnPath(wanted)).toBe(path));

  test.each([
    null,
    undefined,
    "",
    "jobs",
    "https://evil.example/",
    "//evil.example",
    "///evil.example",
    "/\\evil.example",
    "\\\\evil.example",
    "/\t/evil.example",
    "/\n/evil.example",
    "\t//evil.example",
    " //evil.example",
    "/.//evil.example",
    "/..//evil.example",
    "/a/..//evil.example",
    "/%2e//evil.example",
    "javascript:alert(1)",
    "/\\/evil.example",
    "http:evil.example",
    "@evil.example",
    "/auth/login?next=/",
    "/auth/callback?code=x",
    "/auth/logout",
    `/${"x".repeat(512)}`,
  ])("home instead of %j", (wanted) => expect(returnPath(wanted)).toBe("/"));

  test("nothing that a browser takes for another host", () => {
    const pieces = [
      "/",
      "\\",
      "\t",
      "\n",
      "\r",
      ".",
      "..",
      "%2f",
      "%5c",
      ":",
      "@",
      "evil.example",
      "?",
      "#",
      "\0",
      " ",
    ];
    for (const a of pieces)
      for (const b of pieces)
        for (const c of pieces)
          for (const d of pieces) {
            const path = returnPath(`/${a}${b}${c}${d}`);
            expect(path).toStartWith("/");
            expect(new URL(path, "https://lab.example").origin).toBe("https://lab.example");
            expect(path).not.toMatch(/[\0-\x20]/);
          }
  });
});
