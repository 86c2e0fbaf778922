import { describe, expect, test } from "bun:test";
import {
  dataKeyIdOf,
  decryptText,
  openDataKey,
  sealDataKey,
} from "../../../src/server/secrets/reference-encryption.ts";

const bytes = (base64: string) => new Uint8Array(Buffer.from(base64, "base64"));

/** Test vectors of MongoDB's specification of client-side encryption: the local master key, a key document, values of its corpus. */
const MASTER_KEY = bytes(
  "Mng0NCt4ZHVUYUJCa1kxNkVyNUR1QURhZ2h2UzR2d2RrZzh0cFBwM3R6NmdWMDFBMUN3YkQ5aXRRMkhGRGdQV09wOGVNYUMxT2k3NjZKelhaQmRCZGJkTXVyZG9uSjFk",
);
const KEY_MATERIAL = bytes(
  "Ce9HSz/HKKGkIt4uyy+jDuKGA+rLC2cycykMo6vc8jXxqa1UVDYHWq1r+vZKbnnSRBfB981akzRKZCFpC05CTyFqDhXv6OnMjpG97OZEREGIsHEYiJkBW0jJJvfLLgeLsEpBzsro9FztGGXASxyxFRZFhXvHxyiLOKrdWfs7X1O/iK3pEoHMx6uSNSfUOgbebLfIqW7TO++iQS5g1xovXA==",
);
const KEY_ID = "LOCALAAAAAAAAAAAAAAAAA==";
const RANDOM_BINARY =
  "AizggCwAAAAAAAAAAAAAAAAFhkAEDOE/dXfJ1kXeW9+8Wh5HeyFOlaChdCv8sZHmnmnK1WXVLWxq73GwcwQSCLM0lPAcPvGFNFR7S2R2cCkkLA==";
const DETERMINISTIC_BINARY =
  "ASzggCwAAAAAAAAAAAAAAAAF1ofBnK9+ERP29P/i14GQ/y3muic6tNKY532zCkzQkJSktYCOeXS8DdY1DdaOP/asZWzPTdgwby6/iZcAxJU+xQ==";
const RANDOM_STRING =
  "AizggCwAAAAAAAAAAAAAAAACTKx6vmGR/zmEFI4Px41cIMLwA8u1Jx0ccrAtdM22lyoTuNf686a39yuhpwuU8nJTtIz/Hg7pMtwoZpnKS7pEfA==";
const TEXT = "\u0001\u0002\u0003\u0004";

const dataKey = await openDataKey(MASTER_KEY, KEY_MATERIAL);

describe("A value that MongoDB's driver has encrypted", () => {
  test.each([RANDOM_BINARY, DETERMINISTIC_BINARY])("decrypts: %s", async (value) => {
    expect(await decryptText(dataKey, bytes(value))).toBe(TEXT);
  });
  test("names its data key", () => {
    expect(Buffer.from(dataKeyIdOf(bytes(RANDOM_BINARY))).toString("base64")).toBe(KEY_ID);
  });
  test("is refused when it is no binary, as secrets are", async () => {
    await expect(decryptText(dataKey, bytes(RANDOM_STRING))).rejects.toThrow("not an encrypted binary");
  });
  test("is refused when any of its bytes is changed or missing", async () => {
    const value = bytes(RANDOM_BINARY);
    for (let at = 0; at < value.length; at++) {
      const changed = Uint8Array.from(value);
      changed[at]! ^= 0x40;
      await expect(decryptText(dataKey, changed)).rejects.toThrow();
      await expect(decryptText(dataKey, value.subarray(0, at))).rejects.toThrow();
    }
  });
  test("is refused under another data key", async () => {
    await expect(decryptText(new Uint8Array(96), bytes(RANDOM_BINARY))).rejects.toThrow("another key");
  });
});

describe("A data key", () => {
  test("has the length of three keys", () => {
    expect(dataKey).toHaveLength(96);
  });
  test("does not open with another master key", async () => {
    await expect(openDataKey(new Uint8Array(96), KEY_MATERIAL)).rejects.toThrow("another key");
    await expect(openDataKey(new Uint8Array(32), KEY_MATERIAL)).rejects.toThrow("not 96");
  });
  test("opens after it was sealed under another master key", async () => {
    const next = new Uint8Array(96).fill(7);
    const sealed = await sealDataKey(next, dataKey);
    expect(sealed).toHaveLength(KEY_MATERIAL.length);
    expect(await openDataKey(next, sealed)).toEqual(dataKey);
    await expect(openDataKey(MASTER_KEY, sealed)).rejects.toThrow("another key");
  });
});
