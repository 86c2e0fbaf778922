import { describe, expect, test } from "bun:test";
import { decodeJwt, type JWTPayload } from "jose";
import { ALICE, type Logins, useLogins } from "../../support/idp/logins.ts";

const logins = useLogins();
const roles = { claim: "groups", roles: { "lab-admins": "admin", "lab-managers": "manager" } } as const;

/** A device login from its beginning to its end. */
async function logIn({ server, idp }: Logins, claims: JWTPayload = ALICE): Promise<Response> {
  const { request_id } = await server.begin();
  idp.approve(claims);
  return server.poll(request_id);
}

const permissionsOf = async (response: Response) =>
  decodeJwt<{ permissions: unknown }>((await response.json()).access_token).permissions;

describe("the provider's groups", () => {
  test("decide a person's role at every login, and the audit log tells", async () => {
    const site = await logins({ roles });
    const first = await logIn(site, { ...ALICE, groups: ["lab-admins"] });
    expect(await permissionsOf(first)).toMatchObject({ role: "admin" });
    site.server.lines.length = 0;
    expect(await permissionsOf(await logIn(site, { ...ALICE, groups: ["lab-managers"] }))).toMatchObject({
      role: "manager",
    });
    expect(site.server.events()).toContain(`privilege_permissions_changed:${ALICE.email},admin,manager`);
    expect(await permissionsOf(await logIn(site))).toMatchObject({ role: "contributor" });
  });

  test("take precedence over a role that was given by hand, and leave grants alone", async () => {
    const site = await logins({ roles });
    await logIn(site);
    await site.store.clients.update(ALICE.email, { role: "admin", max_priority: { q: 5 } });
    expect(await permissionsOf(await logIn(site))).toEqual({
      client_id: ALICE.email,
      role: "contributor",
      max_priority: { q: 5 },
    });
  });

  test("mean nothing where no mapping is configured", async () => {
    const site = await logins();
    await logIn(site);
    await site.store.clients.update(ALICE.email, { role: "manager" });
    const permissions = await permissionsOf(await logIn(site, { ...ALICE, groups: ["lab-admins"] }));
    expect(permissions).toMatchObject({ role: "manager" });
  });
});

/** ASVS 5.0 control 10.5.2: issuer and subject are the person, and a name or an unverified address is nobody. */
describe("the groups of a person", () => {
  test("are kept, renewed at every login, and give what the groups may do", async () => {
    const site = await logins({ groupsClaim: "realm.groups" });
    const permissions = { max_priority: { q: 5 }, allowed_queues: ["q"], allowed_queue_patterns: ["rpi4-*"] };
    await site.store.clients.create({ id: "group:kernel", permissions });
    const groups = async () => (await site.store.clients.find(ALICE.email))?.groups;
    const inGroups = (...names: unknown[]) => ({ ...ALICE, realm: { groups: names } });
    expect(await permissionsOf(await logIn(site, inGroups("kernel", "unknown here")))).toEqual({
      client_id: ALICE.email,
      role: "contributor",
      ...permissions,
    });
    expect(await groups()).toEqual(["kernel", "unknown here"]);
    expect(await permissionsOf(await logIn(site, inGroups("other")))).toEqual({
      client_id: ALICE.email,
      role: "contributor",
    });
    await logIn(site);
    expect(await groups()).toBeUndefined();
  });

  test("give no role, and a record of a group that has one neither", async () => {
    const site = await logins({ groupsClaim: "groups" });
    await site.store.clients.create({
      id: "group:kernel",
      permissions: { role: "admin", allowed_agents: ["a"], email: "group@example.com" },
    });
    expect(await permissionsOf(await logIn(site, { ...ALICE, groups: ["kernel"] }))).toEqual({
      client_id: ALICE.email,
      role: "contributor",
    });
  });

  test("mean nothing where no claim is named, and end when none is any more", async () => {
    const site = await logins();
    await site.store.clients.recordLogin(
      { issuer: site.idp.issuer, sub: ALICE.sub, email: ALICE.email, name: "", groups: ["kernel"] },
      site.clock.now(),
    );
    await logIn(site, { ...ALICE, groups: ["kernel"] });
    expect(await site.store.clients.find(ALICE.email)).not.toHaveProperty("groups");
  });

  test("make nobody the group: an address that begins like its id is none", async () => {
    const site = await logins({ groupsClaim: "groups" });
    expect((await logIn(site, { ...ALICE, email: "group:kernel@example.com" })).status).toBe(502);
    expect(await site.store.clients.list()).toEqual([]);
  });
});

describe("an account that was made for a person", () => {
  test("becomes theirs with the first login, with role and grants", async () => {
    const site = await logins();
    await site.store.clients.create({
      id: ALICE.email,
      permissions: { role: "manager", max_priority: { q: 5 } },
      expectedEmail: ALICE.email,
    });
    const response = await logIn(site);
    expect(await permissionsOf(response)).toEqual({ client_id: ALICE.email, role: "manager", max_priority: { q: 5 } });
  });

  test.each([undefined, false])(
    "does not become anybody's whose address is not verified: %p",
    async (email_verified) => {
      const site = await logins();
      await site.store.clients.create({
        id: ALICE.email,
        permissions: { role: "admin" },
        expectedEmail: ALICE.email,
      });
      const response = await logIn(site, { ...ALICE, email_verified });
      expect(response.status).toBe(email_verified === false ? 403 : 409);
      expect(await site.store.clients.find(ALICE.email)).not.toHaveProperty("subject");
    },
  );

  test("is not opened by somebody else of the provider with the same name", async () => {
    const site = await logins();
    await site.store.clients.create({ id: "alice", permissions: { role: "admin" }, expectedEmail: ALICE.email });
    await logIn(site, { ...ALICE, sub: "mallory", email: "mallory@example.com", name: ALICE.name });
    expect(await site.store.clients.find("alice")).toMatchObject({ expectedEmail: ALICE.email });
  });

  test("loses its secret: nobody logs in with it beside the person", async () => {
    const site = await logins();
    await site.store.clients.create({
      id: "alice",
      secretHash: "hash",
      permissions: { role: "manager" },
      expectedEmail: ALICE.email,
    });
    expect((await logIn(site)).status).toBe(200);
    expect(await site.store.clients.find("alice")).toBeNull();
    expect(await site.store.clients.find(ALICE.email)).not.toHaveProperty("secretHash");
  });
});
