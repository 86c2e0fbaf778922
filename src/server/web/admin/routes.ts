import { isRole, type Role } from "../../../shared/roles.ts";
import { parseDuration } from "../../../shared/text/duration.ts";
import { decode } from "../../../shared/validation/decode.ts";
import { invalid, Problem } from "../../http/problem.ts";
import type { Route } from "../../http/route.ts";
import type { QueueOwners } from "../../permissions/queue-owners.ts";
import { PermissionChanges } from "../../permissions/schema.ts";
import type { PermissionService } from "../../permissions/service.ts";
import type { ClientStore } from "../../store/clients.ts";
import { notFoundPage } from "../errors.tsx";
import type { Pages } from "../pages.ts";
import { callerOf } from "../viewer.ts";
import { hasRole } from "../visit.ts";
import { clientPage, deleteClientPage, newClientPage } from "./client-page.tsx";
import { administrationPage, clientPath } from "./clients-page.tsx";
import { parseLimits, wholeNumber } from "./limits.ts";

export interface AdminOptions {
  readonly clients: ClientStore;
  readonly permissions: PermissionService;
  readonly owners: QueueOwners;
}

const MANAGERS: readonly Role[] = ["manager", "admin"];
const ADMINS: readonly Role[] = ["admin"];

const notFound = (id: string) => notFoundPage(`Client not found: ${id}`, "It may have been deleted.");

/** What managers and admins do, by the rules of the API (server-api sections 6.31-6.38). */
export const adminPages = (pages: Pages, { clients, permissions, owners }: AdminOptions): Route[] => [
  pages.show(
    { path: "/admin", id: "showAdministration", summary: "Clients and restricted queues", audience: MANAGERS },
    async ({ url }) =>
      administrationPage(await clients.list(), await owners.list(), url.searchParams.get("search") ?? ""),
  ),
  pages.show(
    { path: "/admin/new-client", id: "askForNewClient", summary: "A form for a client", audience: MANAGERS },
    () => newClientPage(),
  ),
  pages.act(
    { path: "/admin/new-client", id: "createClientOnPage", summary: "Creates a client", audience: MANAGERS },
    async (visit, _params, form) => {
      const id = form.get("client_id")?.trim() ?? "";
      if (id === "") throw new Problem(422, "The client id must not be empty.");
      if (await clients.find(id)) throw new Problem(409, `There is a client ${id} already.`);
      await permissions.set(id, changesIn(form), callerOf(visit.viewer), visit.context);
      return clientPath(id);
    },
  ),
  pages.show(
    { path: "/admin/clients/:id", id: "showClient", summary: "A client", audience: MANAGERS },
    async (visit, { id }) => {
      const client = await clients.find(id);
      return client ? clientPage(client, hasRole(visit, ADMINS)) : notFound(id);
    },
  ),
  pages.act(
    { path: "/admin/clients/:id", id: "changeClientOnPage", summary: "Changes a client", audience: MANAGERS },
    async (visit, { id }, form) => {
      await permissions.set(id, changesIn(form), callerOf(visit.viewer), visit.context);
      return clientPath(id);
    },
  ),
  pages.show(
    {
      path: "/admin/clients/:id/delete",
      id: "askToDeleteClient",
      summary: "Asks before a client is deleted",
      audience: ADMINS,
    },
    async (_visit, { id }) => {
      const client = await clients.find(id);
      return client ? deleteClientPage(client) : notFound(id);
    },
  ),
  pages.act(
    { path: "/admin/clients/:id/delete", id: "deleteClientOnPage", summary: "Deletes a client", audience: ADMINS },
    async (visit, { id }) => {
      await permissions.remove(id, callerOf(visit.viewer), visit.context);
      return "/admin";
    },
  ),
  pages.act(
    {
      path: "/admin/queues/add-owner",
      id: "addQueueOwnerOnPage",
      summary: "Adds an owner of a queue",
      audience: MANAGERS,
    },
    async (visit, _params, form) => {
      await owners.add(
        form.get("queue")?.trim() ?? "",
        form.get("client_id")?.trim() ?? "",
        callerOf(visit.viewer),
        visit.context,
      );
      return "/admin#restricted-queues";
    },
  ),
  pages.act(
    {
      path: "/admin/queues/remove-owner",
      id: "removeQueueOwnerOnPage",
      summary: "Removes an owner of a queue",
      audience: MANAGERS,
    },
    async (visit, _params, form) => {
      await owners.remove(form.get("queue") ?? "", form.get("client_id") ?? "", callerOf(visit.viewer), visit.context);
      return "/admin#restricted-queues";
    },
  ),
];

/** What a form changes, checked as the API checks it. */
function changesIn(form: URLSearchParams): PermissionChanges {
  const secret = form.get("client_secret") ?? "";
  const role = form.get("role") ?? "";
  const patterns = form.get("allowed_queue_patterns")?.split("\n");
  const decoded = decode(PermissionChanges, {
    max_priority: parseLimits(form.get("max_priority") ?? "", "Priority", wholeNumber),
    max_reservation_time: parseLimits(form.get("max_reservation_time") ?? "", "Reservation", parseDuration),
    ...(patterns && { allowed_queue_patterns: patterns.map((line) => line.trim()).filter((line) => line !== "") }),
    ...(isRole(role) ? { role } : {}),
    ...(secret === "" ? {} : { client_secret: secret }),
  });
  if (!decoded.ok) throw invalid("json", decoded.messages);
  return decoded.value;
}
