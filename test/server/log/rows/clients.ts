import { made, type Row } from "./row.ts";

/** Clients, and what they may do. */
export const CLIENTS: readonly Row[] = [
  [
    "a client that is created",
    "WARNING",
    async (s) => {
      const [admin, id] = [await s.client({ role: "admin" }), s.name("new")];
      const body = { role: "agent", client_secret: "the-secret-of-a-new-client" };
      const answer = await s.as(admin, "PUT", `/v1/client-permissions/${id}`, body);
      const details = "role=agent,max_priority,max_reservation_time,allowed_queues";
      return made(answer, `user_created:${admin.id},${id},${details}`, `created new client ${id}`);
    },
  ],
  [
    "a client that is changed",
    "WARNING",
    async (s) => {
      const [admin, { id }] = [await s.client({ role: "admin" }), await s.client()];
      const answer = await s.as(admin, "PUT", `/v1/client-permissions/${id}`, { max_priority: { q: 1 } });
      const details = "role=contributor,max_priority,max_reservation_time,allowed_queues";
      const says = `Admin ${admin.id} updated permissions for client ${id}`;
      return made(answer, `user_updated:${admin.id},${id},${details}`, says);
    },
  ],
  [
    "a client that is deleted",
    "INFO",
    async (s) => {
      const [admin, { id }] = [await s.client({ role: "admin" }), await s.client()];
      const answer = await s.as(admin, "DELETE", `/v1/client-permissions/${id}`);
      return made(answer, `user_deleted:${admin.id},${id}`, `deleted client ${id}`);
    },
  ],
  ...["testflinger-admin", "nobody"].map((id): Row => [
    `an attempt to delete ${id}`,
    "INFO",
    async (s) => {
      const admin = await s.client({ role: "admin" });
      const answer = await s.as(admin, "DELETE", `/v1/client-permissions/${id}`);
      return made(answer, `user_deleted:${admin.id},${id}`, "attempted");
    },
  ]),
  [
    "a secret that is changed",
    "INFO",
    async (s) => {
      const [admin, { id }] = [await s.client({ role: "admin" }), await s.client()];
      const body = { client_secret: "the-other-secret-of-a-client" };
      const answer = await s.as(admin, "PUT", `/v1/client-permissions/${id}`, body);
      return made(answer, `authn_password_change:${id}`, admin.id);
    },
  ],
  [
    "a login that ends since its secret is changed",
    "INFO",
    async (s) => {
      const [admin, { id, refresh }] = [await s.client({ role: "admin" }), await s.client()];
      const login = (await s.store.refreshTokens.find(refresh))!;
      const body = { client_secret: "the-other-secret-of-a-client" };
      const answer = await s.as(admin, "PUT", `/v1/client-permissions/${id}`, body);
      return made(answer, `authn_token_revoked:${id},${login.id}`, admin.id);
    },
  ],
  [
    "a secret that a client changes itself",
    "INFO",
    async (s) => {
      const { id, secret } = await s.client();
      const authorization = `Basic ${btoa(`${id}:${secret}`)}`;
      const answer = await s.send("POST", "/v1/oauth2/secret", { authorization }, {});
      return made(answer, `authn_password_change:${id}`, "its own");
    },
  ],
  [
    "a role that is changed",
    "WARNING",
    async (s) => {
      const [admin, { id }] = [await s.client({ role: "admin" }), await s.client()];
      const answer = await s.as(admin, "PUT", `/v1/client-permissions/${id}`, { role: "manager" });
      return made(answer, `privilege_permissions_changed:${id},contributor,manager`, admin.id);
    },
  ],
  ...(["POST", "DELETE"] as const).map((method): Row => [
    `an owner of a restricted queue that is ${method === "POST" ? "added" : "removed"}`,
    "WARNING",
    async (s) => {
      const [admin, { id }] = [await s.client({ role: "admin" }), await s.client()];
      const queue = s.name("restricted");
      await s.store.agents.report(s.name("agent"), { queues: [queue] }, [], s.clock.now());
      if (method === "DELETE") await s.store.queues.restrict(queue, id);
      const answer = await s.as(admin, method, `/v1/restricted-queues/${queue}`, { client_id: id });
      return made(answer, `authz_change:${id},${queue}`, admin.id);
    },
  ]),
];
