import { expect, test } from "bun:test";
import { isSameOrigin } from "../../../src/server/sessions/same-origin.ts";

const OWN = "https://lab.example";
const asked = (headers: Record<string, string>, origin = OWN): boolean =>
  isSameOrigin(new Request(`${OWN}/auth/logout`, { method: "POST", headers }), { origin });

/** ASVS 5.0 control 3.5.1. */
test.each<[string, Record<string, string>, boolean]>([
  ["this site's page", { origin: OWN }, true],
  ["this site's page, with the port spelt out", { origin: `${OWN}:443` }, true],
  ["a page without Origin that the browser calls its own", { "sec-fetch-site": "same-origin" }, true],
  ["another site's page", { origin: "https://evil.example" }, false],
  ["another site that only begins like ours", { origin: `${OWN}.evil.example` }, false],
  ["another scheme", { origin: "http://lab.example" }, false],
  ["another port", { origin: `${OWN}:8443` }, false],
  ["a neighbour of the domain", { "sec-fetch-site": "same-site" }, false],
  ["a sandboxed frame", { origin: "null" }, false],
  ["a sandboxed frame that claims to be ours", { origin: "null", "sec-fetch-site": "same-origin" }, false],
  ["something without either", {}, false],
  ["nonsense", { origin: "::" }, false],
])("a form of %s", (_case, headers, verdict) => expect(asked(headers)).toBe(verdict));

test.each(["http://999.999.999.999", "http://xn--a", "http://[:::]"])(
  "under %s, which is no address of a page, nothing is our own page",
  (own) => {
    for (const origin of ["null", own, OWN]) expect(asked({ origin }, own)).toBe(false);
  },
);
