import { expect, test } from "bun:test";
import { Seal, SealBroken } from "../../../src/server/oidc/seal.ts";

const secret = (text: string) => new TextEncoder().encode(text.repeat(32));

test("a sealed text opens with the same secret, use and purpose", async () => {
  const sealed = await new Seal([secret("a")], "use").seal("text ü", "purpose");
  expect(await new Seal([secret("a")], "use").open(sealed, "purpose")).toBe("text ü");
});

test("a text that was sealed with a former secret opens, and new ones need the first", async () => {
  const former = await new Seal([secret("a")], "use").seal("text", "purpose");
  const both = new Seal([secret("b"), secret("a")], "use");
  expect(await both.open(former, "purpose")).toBe("text");
  expect(await new Seal([secret("b")], "use").open(await both.seal("text", "purpose"), "purpose")).toBe("text");
});

test("the same text is sealed differently each time", async () => {
  const seal = new Seal([secret("a")], "use");
  expect(await seal.seal("text", "purpose")).not.toBe(await seal.seal("text", "purpose"));
});

test.each([
  ["another secret", new Seal([secret("b")], "use"), "purpose"],
  ["another use of the secret", new Seal([secret("a")], "other use"), "purpose"],
  ["another purpose", new Seal([secret("a")], "use"), "other purpose"],
])("a sealed text does not open with %s", async (_case, seal, purpose) => {
  const sealed = await new Seal([secret("a")], "use").seal("text", "purpose");
  expect(seal.open(sealed, purpose)).rejects.toThrow(SealBroken);
});

test("a sealed text that was changed or is none does not open", async () => {
  const seal = new Seal([secret("a")], "use");
  const sealed = await seal.seal("text", "purpose");
  for (let at = 0; at < sealed.length; at++) {
    const changed = `${sealed.slice(0, at)}${sealed[at] === "A" ? "Q" : "A"}${sealed.slice(at + 1)}`;
    expect(seal.open(changed, "purpose")).rejects.toThrow(SealBroken);
  }
  // Decoders overlook what is no base64: a text that is good for one use would have as many as spellings.
  for (const spelling of [
    `${sealed}=`,
    `${sealed}\n`,
    ` ${sealed}`,
    `${sealed.slice(0, 9)}.${sealed.slice(9)}`,
    `${sealed}A`,
  ])
    expect(seal.open(spelling, "purpose")).rejects.toThrow(SealBroken);
  for (const none of ["", "AAAA", "!!!"]) expect(seal.open(none, "purpose")).rejects.toThrow(SealBroken);
});
