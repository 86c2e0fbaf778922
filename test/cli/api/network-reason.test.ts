import { describe, expect, test } from "bun:test";
import { createServer } from "node:net";
import type { AddressInfo } from "node:net";
import { networkReason } from "../../../src/cli/api/network-reason.ts";

const failure = async (url: string) => fetch(url, { keepalive: false }).catch((error: unknown) => networkReason(error));

describe("why a request came to nothing", () => {
  test("nothing listens", async () =>
    expect(await failure("http://127.0.0.1:1/")).toBe("nothing listens there (ECONNREFUSED)"));

  test("there is no such host", async () =>
    expect(await failure("http://no.such.host.invalid/")).toMatch(/^(there is no host|names cannot be looked up)/));

  test("the other side hangs up", async () => {
    const server = createServer(
      (socket) => void socket.on("error", () => undefined).once("data", () => socket.destroy()),
    );
    const { promise, resolve } = Promise.withResolvers<void>();
    server.listen(0, "127.0.0.1", resolve);
    await promise;
    const { port } = server.address() as AddressInfo;
    expect(await failure(`http://127.0.0.1:${port}/`)).toBe("the connection broke off (ECONNRESET)");
    server.close();
  });

  test("the other side speaks no TLS", async () => {
    using server = Bun.serve({ port: 0, fetch: () => new Response() });
    expect(await failure(`https://127.0.0.1:${server.port}/`)).toBe(
      "it does not speak TLS there. Is http:// meant? (EPROTO)",
    );
  });

  test.each([
    [Object.assign(new Error("x"), { code: "DEPTH_ZERO_SELF_SIGNED_CERT" }), "REQUESTS_CA_BUNDLE"],
    [Object.assign(new Error("strange"), { code: "ESTRANGE" }), "strange"],
    [new Error("no code"), "no code"],
    ["no error", "no error"],
  ])("%p", (error, words) => expect(networkReason(error)).toContain(words));
});
