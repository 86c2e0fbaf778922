import { afterEach, describe, expect, test } from "bun:test";
import type { Role } from "../../../src/shared/roles.ts";
import { hashSecret, secretMatches } from "../../../src/server/tokens/client-secret.ts";
import { type Lab, lab } from "../web/lab.ts";

const [OLD, NEW] = ["the-secret-of-old", "the-secret-of-new"];
const secretHash = await hashSecret(OLD);

/**
 * Auth section 8, no. 23: whoever sets the secret of a client can act as it, and have its stored secrets given to a job. In the reference managers do
 * that for contributors and for each other.
 */
describe("another secret for an existing client", () => {
  let app: Lab;
  afterEach(() => app.close());

  const open = async (env: Record<string, string>) => {
    app = await lab({ oidc: true, env });
    for (const [id, role] of [
      ["manager@example.com", "manager"],
      ["ci", "contributor"],
      ["robot", "manager"],
    ] as const)
      await app.store.clients.create({ id, secretHash, permissions: { role } });
  };
  const put = async (role: Role, client: string, body: object) =>
    app.fetch(
      new Request(`http://localhost/v1/client-permissions/${client}`, {
        method: "PUT",
        headers: {
          "content-type": "application/json",
          authorization: `Bearer ${await app.token(`${role}@example.com`, { role })}`,
        },
        body: JSON.stringify(body),
      }),
    );
  const isSet = async (client: string) => secretMatches(NEW, (await app.store.clients.find(client))?.secretHash);

  test.each([
    ["manager", "ci", undefined, 200],
    ["manager", "robot", undefined, 200],
    ["manager", "ci", "admin", 403],
    ["manager", "robot", "admin", 403],
    ["manager", "manager@example.com", "admin", 200],
    ["admin", "ci", "admin", 200],
    ["admin", "robot", "admin", 200],
  ] as const)("by a %s, for %s, where SECRET_RESETS is %p: %p", async (role, client, setting, status) => {
    await open(setting === undefined ? {} : { SECRET_RESETS: setting });
    if (role === "admin") await app.store.clients.create({ id: "admin@example.com", permissions: { role } });
    const answer = await put(role, client, { client_secret: NEW });
    expect(answer.status).toBe(status);
    expect(await isSet(client)).toBe(status === 200);
    if (status === 403) {
      expect((await answer.json()).message).toBe(
        `${role}@example.com has insufficient permissions to set the secret of client '${client}'`,
      );
      expect(app.lines.join()).toContain(`authz_fail:${role}@example.com,/v1/client-permissions/${client}`);
    }
  });

  test("is an admin's alone where that is set; managers still make clients, and change what they may do", async () => {
    await open({ SECRET_RESETS: "admin" });
    expect((await put("manager", "new", { client_secret: NEW })).status).toBe(200);
    expect((await put("manager", "ci", { max_priority: { q: 1 } })).status).toBe(200);
  });

  test("is refused on the page as well", async () => {
    await open({ SECRET_RESETS: "admin" });
    await app.store.clients.delete("manager@example.com");
    const manager = await app.signIn("manager");
    const form = { role: "contributor", client_secret: NEW };
    expect((await app.post("/admin/clients/ci", form, manager)).status).toBe(403);
    expect(await isSet("ci")).toBe(false);
  });
});
