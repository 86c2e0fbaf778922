import { expect, test } from "bun:test";
import { basicCredentials } from "../../../src/server/tokens/basic-credentials.ts";

const base64 = (text: string) => Buffer.from(text).toString("base64");

test.each([
  [`Basic ${base64("ci:secret")}`, { id: "ci", secret: "secret" }],
  [`basic   ${base64("ci:a:b:ü")}  `, { id: "ci", secret: "a:b:ü" }],
  ["Basic bm9jb2xvbg==", { id: "nocolon", secret: "" }],
  ["Basic", { id: "", secret: "" }],
  [`Basic ${base64(":")}`, { id: "", secret: "" }],
  [null, "missing"],
  ["", "missing"],
  ["Basic !!!", "missing"],
  ["Basic YQ", "missing"],
  [`Basic ${Buffer.from([0xff, 0x3a]).toString("base64")}`, "missing"],
  ["nonsense", "unusable"],
  ["Bearer abc", "unusable"],
  ['Digest username="x"', "unusable"],
] as const)("the Authorization header %p is read as the reference reads it", (header, credentials) => {
  expect(basicCredentials(header)).toEqual(credentials);
});
