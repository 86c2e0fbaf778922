import { describe, expect, test } from "bun:test";
import { connectionUri, databaseOf, repeatsCredentials } from "../../../../src/server/store/mongo/connection.ts";

describe("the connection string of the parts", () => {
  test.each([
    [{ host: "db", database: "tf" }, "mongodb://db:27017/tf?authSource=admin"],
    [{ host: "db", port: 1, database: "tf", authSource: "other" }, "mongodb://db:1/tf?authSource=other"],
    [{ host: "db", database: "tf", username: "u", password: "p" }, "mongodb://u:p@db:27017/tf?authSource=admin"],
    [{ host: "db", database: "tf", username: "u" }, "mongodb://db:27017/tf?authSource=admin"],
    [{ host: "db", database: "tf", password: "p" }, "mongodb://db:27017/tf?authSource=admin"],
    [{ host: "::1", database: "tf" }, "mongodb://[::1]:27017/tf?authSource=admin"],
    [{ host: "[::1]", database: "tf" }, "mongodb://[::1]:27017/tf?authSource=admin"],
  ])("of %j is %s", (parts, uri) => {
    expect(connectionUri(parts)).toBe(uri);
  });

  test("holds user name and password whatever their characters", () => {
    const [username, password] = ["us er@lab:1/é%", "p+ w@:/?#[]%40"];
    const { username: user, password: word } = new URL(
      connectionUri({ host: "db", database: "tf", username, password }),
    );
    expect([decodeURIComponent(user), decodeURIComponent(word)]).toEqual([username, password]);
  });
});

test.each([
  ["mongodb://db", undefined],
  ["mongodb://db/", undefined],
  ["mongodb://db/?w=1", undefined],
  ["mongodb://db?w=1/2", undefined],
  ["mongodb://db/tf", "tf"],
  ["mongodb://u:p%2Fq@db:27017,other:1/tf?authSource=admin", "tf"],
  ["mongodb://u:p@db/?authSource=a/b", undefined],
  ["mongodb+srv://u@cluster.example.com/my%20db", "my db"],
])("the connection string %s names the database %p", (uri, database) => {
  expect(databaseOf(uri)).toBe(database);
});

test.each([
  ['Invalid connection string "mongodb://user:secret@db"', "mongodb://user:secret@db", true],
  ['"http://user:secret@db" cannot be parsed', "mongodb://user:secret@db", true],
  ["the name user", "mongodb://user:secret@db", true],
  ["option foo is not supported", "mongodb://user:secret@db/?foo=1", false],
  ["Invalid scheme", "user:secret@db", false],
  ["bad user:sec@ret", "mongodb:/user:sec@ret@db", true],
  ["option foo is not supported", "mongodb://db/?foo=1", false],
])("whether %j repeats credentials of %s: %p", (text, uri, repeats) => {
  expect(repeatsCredentials(text, uri)).toBe(repeats);
});
