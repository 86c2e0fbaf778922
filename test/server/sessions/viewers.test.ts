import { describe, expect, test } from "bun:test";
import { SessionViewers } from "../../../src/server/sessions/viewers.ts";
import type { Client } from "../../../src/server/store/clients.ts";

const START = new Date("2026-11-24T10:00:00Z");
const SESSION = {
  id: "session-1",
  hash: "hash",
  createdAt: START,
  lastSeenAt: START,
  idleUntil: START,
  expiresAt: START,
};

const viewer = (client: Client | null) =>
  new SessionViewers({
    signedIn: async () => client && { client, session: { ...SESSION, clientId: client.id } },
    had: () => true,
  }).of(new Request("http://localhost/"));

describe("a page is shown to", () => {
  test("nobody in particular without a session", async () => expect(await viewer(null)).toBeNull());

  test("the account that is signed in, with its role and grants", async () => {
    const permissions = { role: "manager", max_priority: { q: 5 } };
    expect(await viewer({ id: "ada@example.com", name: "Ada", permissions })).toEqual({
      name: "Ada",
      clientId: "ada@example.com",
      role: "manager",
      permissions,
      session: "session-1",
    });
  });

  test.each([undefined, "king", ""])("a contributor when the stored role is %p", async (role) =>
    expect(await viewer({ id: "ada", permissions: { role } })).toMatchObject({ role: "contributor" }),
  );

  test("somebody without a name by their id", async () =>
    expect(await viewer({ id: "ada", name: "", permissions: {} })).toMatchObject({ name: "ada" }));
});
