import { expect, test } from "bun:test";
import { contract } from "./contract.ts";

contract("a store", (subject) => {
  test("answers", async () => {
    await subject.store.ping();
  });

  test("has nothing to warn of when its database is new", () => {
    expect(subject.store.warnings).toEqual([]);
  });

  test("opens its own database again without a warning", async () => {
    expect((await subject.reopen()).warnings).toEqual([]);
  });

  test("may be closed twice", async () => {
    await subject.store.close();
  });
});
