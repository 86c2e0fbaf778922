import { describe, expect, test } from "bun:test";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { ConnectionFailure, HttpError } from "../../../src/cli/api/errors.ts";
import { clientFor } from "../support/client.ts";
import { type Fault, PartsServer } from "../support/parts-server.ts";
import { World } from "../support/world.ts";

const SIZE = 500_000;
const CONTENT = Buffer.from(Uint8Array.from({ length: SIZE }, (_, index) => (index * 7 + (index >> 8)) & 255));

/** An upload to a server where things go wrong, by the method of the request. */
function scene(faults: Record<string, (Fault | undefined)[]> = {}, content = CONTENT) {
  const server = new PartsServer(faults);
  let tokens = 0;
  const world = new World({
    fetch: async (input, init) =>
      String(input).endsWith("/v1/oauth2/token")
        ? Response.json({ access_token: `token-${++tokens}` })
        : server.fetch(input, init),
  });
  const file = join(world.home, "archive.tar.gz");
  writeFileSync(file, content);
  const shown: number[] = [];
  const client = clientFor(world, "http://server", { clientId: "me", secretKey: "s" });
  const upload = client.jobs.upload("j1", file, ({ sent, total }) => {
    expect(total).toBe(content.length);
    shown.push(sent);
  });
  return { server, upload, shown, [Symbol.dispose]: () => world[Symbol.dispose]() };
}

const BROKEN: Fault = { brokenAfter: 123_456 };

describe("an upload in parts", () => {
  test("is one part when nothing goes wrong", async () => {
    using session = scene();
    await session.upload.send();
    expect(session.server.seen).toEqual(["POST", `PATCH 0+${SIZE}`, "complete"]);
    expect(session.server.upload).toMatchObject({ length: SIZE, complete: true });
    expect(session.server.upload!.sha256).toBe(new Bun.CryptoHasher("sha256").update(CONTENT).digest("hex"));
    expect(session.server.upload!.content.equals(CONTENT)).toBeTrue();
    expect(session.shown.at(-1)).toBe(SIZE);
  });

  test("is several parts when it is large: gateways let no large requests through", async () => {
    const large = Buffer.alloc(2 ** 24 + 1, "content");
    using session = scene({}, large);
    await session.upload.send();
    expect(session.server.seen).toEqual(["POST", `PATCH 0+${2 ** 24}`, `PATCH ${2 ** 24}+1`, "complete"]);
    expect(session.server.upload!.content.equals(large)).toBeTrue();
    expect(session.shown.at(-1)).toBe(large.length);
  });

  test("goes on with a new access token where the old one has run out", async () => {
    using session = scene({ PATCH: [{ status: 401 }], complete: [{ status: 401 }] });
    await session.upload.send();
    expect(session.server.seen).toEqual(["POST", "PATCH", `PATCH 0+${SIZE}`, "complete", "complete"]);
    expect(session.server.upload!.content.equals(CONTENT)).toBeTrue();
  });

  test("goes on with what the server has, and shows it from there", async () => {
    using session = scene({ PATCH: [BROKEN, BROKEN] });
    await expect(session.upload.send()).rejects.toThrow(ConnectionFailure);
    expect(session.upload.kept).toBe(0);
    session.shown.length = 0;
    await expect(session.upload.send()).rejects.toThrow(ConnectionFailure);
    expect(session.upload.kept).toBe(123_456);
    expect(Math.min(...session.shown)).toBeGreaterThan(123_456);
    await session.upload.send();
    expect(session.server.seen).toEqual([
      "POST",
      "PATCH 0+123456",
      "GET",
      "PATCH 123456+123456",
      "GET",
      `PATCH 246912+${SIZE - 246_912}`,
      "complete",
    ]);
    expect(session.server.upload!.content.equals(CONTENT)).toBeTrue();
  });

  test.each<[string, Record<string, (Fault | undefined)[]>, string[]]>([
    ["its beginning", { POST: ["lost answer"] }, ["POST", "POST", `PATCH 0+${SIZE}`, "complete"]],
    ["its part", { PATCH: ["lost answer"] }, ["POST", `PATCH 0+${SIZE}`, "GET", "complete"]],
    ["its end", { complete: ["lost answer"] }, ["POST", `PATCH 0+${SIZE}`, "complete", "GET"]],
    [
      "the question how far it is",
      { PATCH: [BROKEN], GET: ["lost answer"] },
      ["POST", "PATCH 0+123456", "GET", "GET", `PATCH 123456+${SIZE - 123_456}`, "complete"],
    ],
  ])("sends nothing twice when the answer to %s is lost", async (_what, faults, seen) => {
    using session = scene(faults);
    while (
      !(await session.upload.send().then(
        () => true,
        (error) => !session.upload.mayPass(error),
      ))
    );
    expect(session.server.seen).toEqual(seen);
    expect(session.server.upload!.complete).toBeTrue();
    expect(session.server.upload!.content.equals(CONTENT)).toBeTrue();
  });

  test("begins anew when the server has it no longer", async () => {
    using session = scene({ PATCH: [BROKEN] });
    await session.upload.send().catch(() => undefined);
    session.server.upload = undefined;
    await session.upload.send();
    expect(session.server.seen).toEqual(["POST", "PATCH 0+123456", "GET", "POST", `PATCH 0+${SIZE}`, "complete"]);
  });

  test("that the job does not need any more sends nothing", async () => {
    using session = scene();
    await session.upload.send();
    using again = scene();
    again.server.upload = session.server.upload;
    await again.upload.send();
    expect(again.server.seen).toEqual(["POST"]);
  });

  test.each([408, 409, 429, 502, 503, 504])("may be tried again after status %i", async (status) => {
    using session = scene({ PATCH: [{ status }] });
    const failure = await session.upload.send().catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(HttpError);
    expect(session.upload.mayPass(failure)).toBeTrue();
    await session.upload.send();
    expect(session.server.upload!.complete).toBeTrue();
  });

  test.each([400, 403, 413, 422, 500])("is over after status %i", async (status) => {
    using session = scene({ POST: [{ status }] });
    const failure = await session.upload.send().catch((error: unknown) => error);
    expect(session.upload.mayPass(failure)).toBeFalse();
  });
});
