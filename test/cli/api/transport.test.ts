import { describe, expect, test } from "bun:test";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { ConnectionFailure } from "../../../src/cli/api/errors.ts";
import { type Exchange, Transport } from "../../../src/cli/api/transport.ts";
import { CliError } from "../../../src/cli/errors.ts";
import { VERSION } from "../../../src/shared/version.ts";
import { ScriptedServer, text } from "../support/scripted-server.ts";
import { World } from "../support/world.ts";

const redirect = (location: string, status = 302) => new Response(null, { status, headers: { location } });

async function send(world: World, exchange: Partial<Exchange> & { url: string }) {
  const answer = await new Transport(world.context).send({ method: "GET", ...exchange });
  return { status: answer.status, body: await answer.text() };
}

describe("a request", () => {
  test("carries the name of the product", async () => {
    using world = new World();
    using server = new ScriptedServer({ "GET /": text("hi") });
    expect(await send(world, { url: `${server.url}/` })).toEqual({ status: 200, body: "hi" });
    expect(server.seen[0]!.headers["user-agent"]).toBe(`testflinger-cli/${VERSION}`);
  });

  test("leaves content coding alone when asked to", async () => {
    using world = new World();
    const packed = Bun.gzipSync("hi");
    using server = new ScriptedServer({ "GET /": new Response(packed, { headers: { "content-encoding": "gzip" } }) });
    const transport = new Transport(world.context);
    const answer = await transport.send({ method: "GET", url: server.url, undecoded: true });
    const [bytes] = await Array.fromAsync(answer.chunks());
    expect(Buffer.from(bytes!)).toEqual(Buffer.from(packed));
    expect(await (await transport.send({ method: "GET", url: server.url })).text()).toBe("hi");
  });

  test("that finds nobody fails with the host and the reason", async () => {
    using world = new World();
    const work = send(world, { url: "http://127.0.0.1:1/" });
    await expect(work).rejects.toThrow(/^Cannot reach 127\.0\.0\.1:1: .*ECONNREFUSED/);
    await expect(work).rejects.toMatchObject({ kind: "connection" });
    await expect(work).rejects.toThrow(ConnectionFailure);
  });

  test("can be abandoned by the caller", async () => {
    using world = new World();
    const abort = new AbortController();
    const arrived = Promise.withResolvers<void>();
    using server = new ScriptedServer({
      "GET /": () => {
        arrived.resolve();
        return new Promise<Response>(() => undefined);
      },
    });
    const work = send(world, { url: server.url, signal: abort.signal });
    await arrived.promise;
    abort.abort(new Error("enough"));
    await expect(work).rejects.toThrow("enough");
  });
});

describe("a timeout", () => {
  test("ends a request that is not answered for fifteen seconds", async () => {
    using world = new World();
    const arrived = Promise.withResolvers<void>();
    using server = new ScriptedServer({
      "GET /": () => {
        arrived.resolve();
        return new Promise<Response>(() => undefined);
      },
    });
    const work = send(world, { url: server.url });
    await arrived.promise;
    world.clock.advance(14_999);
    world.clock.advance(1);
    await expect(work).rejects.toMatchObject({ kind: "timeout" });
    await expect(work).rejects.toThrow("did not answer in time");
  });

  test("counts from the last byte, not from the start", async () => {
    using world = new World();
    const { readable, writable } = new TransformStream<Uint8Array, Uint8Array>();
    const writer = writable.getWriter();
    using server = new ScriptedServer({ "GET /": () => new Response(readable) });
    void writer.write(Buffer.from("a"));
    const answer = await new Transport(world.context).send({ method: "GET", url: server.url });
    const chunks = answer.chunks();
    expect(await chunks.next()).toMatchObject({ value: Uint8Array.of(97) });
    world.clock.advance(14_000);
    await writer.write(Buffer.from("b"));
    expect(await chunks.next()).toMatchObject({ value: Uint8Array.of(98) });
    const last = chunks.next();
    // The fifteen seconds from the start are over, those from the last byte are not.
    world.clock.advance(14_000);
    await world.clock.untilSomeoneSleeps();
    world.clock.advance(1_000);
    await expect(last).rejects.toMatchObject({ kind: "timeout" });
  });

  test("leaves nothing behind when the answer has been read", async () => {
    using world = new World();
    using server = new ScriptedServer({ "GET /": text("hi") });
    await send(world, { url: server.url });
    expect(world.clock.sleepers).toBe(0);
  });
});

describe("a redirect", () => {
  test("is followed, with authorization within the server", async () => {
    using world = new World();
    using server = new ScriptedServer({ "GET /a": redirect("/b"), "GET /b": text("there") });
    const { body } = await send(world, { url: `${server.url}/a`, headers: { Authorization: "Bearer t" } });
    expect(body).toBe("there");
    expect(server.calls).toEqual(["GET /a Bearer t", "GET /b Bearer t"]);
  });

  test("to another host loses the authorization", async () => {
    using world = new World();
    using other = new ScriptedServer({ "GET /b": text("there") });
    using server = new ScriptedServer({ "GET /a": redirect(`${other.url}/b`) });
    await send(world, { url: `${server.url}/a`, headers: { Authorization: "Bearer t" } });
    expect(server.calls).toEqual(["GET /a Bearer t"]);
    expect(other.calls).toEqual(["GET /b"]);
  });

  test.each([301, 302, 307, 308])("with %i repeats method and body", async (status) => {
    using world = new World();
    using server = new ScriptedServer({ "POST /a": redirect("/b", status), "POST /b": text("there") });
    const { body } = await send(world, { method: "POST", url: `${server.url}/a`, body: () => "content" });
    expect(body).toBe("there");
    expect(server.seen.map((seen) => seen.body)).toEqual(["content", "content"]);
  });

  test("with 303 fetches the answer instead of sending again", async () => {
    using world = new World();
    using server = new ScriptedServer({ "POST /a": redirect("/b", 303), "GET /b": text("there") });
    const headers = { "Content-Type": "text/plain" };
    await send(world, { method: "POST", url: `${server.url}/a`, body: () => "content", headers });
    expect(server.seen[1]).toMatchObject({ method: "GET", body: "" });
    expect(server.seen[1]!.headers).not.toHaveProperty("content-type");
  });

  test("without end is given up after thirty", async () => {
    using world = new World();
    using server = new ScriptedServer({ "GET /": redirect("/") });
    await expect(send(world, { url: `${server.url}/` })).rejects.toThrow("redirects too often");
    expect(server.requests).toHaveLength(31);
  });

  test.each(["file:///etc/passwd", "javascript:alert(1)", "http://"])("to %s is refused", async (location) => {
    using world = new World();
    using server = new ScriptedServer({ "GET /": redirect(location) });
    await expect(send(world, { url: `${server.url}/` })).rejects.toThrow(
      "redirects to something that is no web address",
    );
  });

  test("never takes credentials to another host", async () => {
    using world = new World();
    using other = new ScriptedServer({});
    using server = new ScriptedServer({ "POST /token": redirect(`${other.url}/token`, 307) });
    const exchange = { method: "POST", url: `${server.url}/token`, body: () => "refresh_token", sameOrigin: true };
    await expect(send(world, exchange)).rejects.toThrow("redirects a request with credentials");
    expect(other.requests).toEqual([]);
  });
});

describe("certificate authorities", () => {
  test.each(["REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"])("come from the file in %s", async (name) => {
    let used: unknown;
    using world = new World();
    const file = join(world.home, "ca.pem");
    writeFileSync(file, "certificate");
    const fetch = async (_: unknown, init?: BunFetchRequestInit) => {
      used = init?.tls;
      return text("hi");
    };
    const transport = new Transport({ ...world.context, env: { [name]: file }, fetch });
    await (await transport.send({ method: "GET", url: "https://host/" })).text();
    expect(await (used as { ca: Bun.BunFile }).ca.text()).toBe("certificate");
  });

  test("in a missing file are an error that names the variable", async () => {
    using world = new World({ env: { REQUESTS_CA_BUNDLE: "/nowhere/ca.pem" } });
    const work = send(world, { url: "https://host/" });
    await expect(work).rejects.toThrow("REQUESTS_CA_BUNDLE names the file /nowhere/ca.pem, which does not exist");
    await expect(work).rejects.toThrow(CliError);
  });
});
