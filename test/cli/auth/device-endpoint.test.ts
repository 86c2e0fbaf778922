import { expect, test } from "bun:test";
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { parseServerUrl } from "../../../src/cli/api/server-url.ts";
import { Transport } from "../../../src/cli/api/transport.ts";
import { DeviceEndpoint } from "../../../src/cli/auth/device-endpoint.ts";
import { World } from "../support/world.ts";

test("every question about a device login has a connection of its own, since servers close idle ones meanwhile", async () => {
  using world = new World();
  let connections = 0;
  const server = createServer((_, response) => response.writeHead(400).end('{"error": "authorization_pending"}'));
  server.on("connection", () => connections++);
  await once(server.listen(0, "127.0.0.1"), "listening");
  try {
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const endpoint = new DeviceEndpoint(new Transport(world.context), parseServerUrl(url));
    for (let polls = 1; polls <= 3; polls++) {
      expect(await endpoint.poll("a-request")).toEqual({ kind: "pending" });
      expect(connections).toBe(polls);
    }
  } finally {
    server.close();
  }
});
