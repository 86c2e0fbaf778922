import { isRole, type Role } from "../../shared/roles.ts";
import type { Client } from "../store/clients.ts";

/** New clients and those without a role that exists count as contributors. */
export function roleOf(client: Pick<Client, "permissions"> | null): Role {
  const role = client?.permissions.role?.toLowerCase() ?? "";
  return isRole(role) ? role : "contributor";
}
