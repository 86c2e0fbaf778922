import { isAtLeast } from "../../shared/roles.ts";
import type { Caller } from "../http/caller.ts";
import { invalid, PermissionDenied, Problem } from "../http/problem.ts";
import type { RequestContext } from "../http/request-context.ts";
import type { SecurityEvents } from "../log/security-events.ts";
import type { LoginSessions } from "../sessions/login-sessions.ts";
import type { Client, ClientStore } from "../store/clients.ts";
import { hashSecret, secretFault, secretMatches } from "../tokens/client-secret.ts";
import { assertGroupId, isGroupId, ofGroup, unfitForGroup } from "./groups.ts";
import { roleOf } from "./role-of.ts";
import type { ClientPermissions, PermissionChanges } from "./schema.ts";
import { SYSTEM_ADMIN } from "./system-admin.ts";

export interface PermissionServiceOptions {
  clients: ClientStore;
  sessions: Pick<LoginSessions, "endAll">;
  /** Who may give an existing client, other than themselves, another secret: whoever has it acts as the client, with its stored secrets. */
  secretResets: "manager" | "admin";
  events: SecurityEvents;
  now: () => Date;
}

const unknownClient = () => new Problem(404, "Error: Specified client_id does not exist.");

/** Clients, and what they may do (server-api sections 6.35-6.38). */
export class PermissionService {
  constructor(private readonly options: PermissionServiceOptions) {}

  async list(): Promise<ClientPermissions[]> {
    return (await this.options.clients.list()).map(permissionsOf);
  }

  async find(id: string): Promise<ClientPermissions> {
    const client = await this.options.clients.find(id);
    if (!client) throw unknownClient();
    return permissionsOf(client);
  }

  /** Creates the client or changes the given fields of it. The order of the checks is the reference's. */
  async set(
    id: string,
    changes: PermissionChanges,
    caller: Caller,
    context: RequestContext,
  ): Promise<"created" | "updated"> {
    const fault = changes.client_secret === undefined ? undefined : secretFault(changes.client_secret);
    if (fault) throw invalid("json", { client_secret: [fault] });
    if (id === SYSTEM_ADMIN) {
      this.report(
        "authz_admin",
        [nameOf(caller), "set_client_permissions"],
        `${nameOf(caller)} tried to change ${id}`,
        context,
      );
      throw new Problem(422, "Error: System admin client cannot by modified from API.");
    }
    if (isGroupId(id)) assertFitsGroup(id, changes);
    const client = await this.options.clients.find(id);
    if (client?.subject && (changes.email !== undefined || changes.client_secret !== undefined))
      throw new Problem(422, "Error: Cannot add email or client secret to OIDC client id");
    if (!client && changes.client_secret === undefined && !isGroupId(id)) {
      const description = `${nameOf(caller)} tried to create client ${id} without client_secret`;
      this.report("authz_admin", [nameOf(caller), "set_client_permissions"], description, context);
      throw new Problem(400, "Error: Missing client_secret in request body for new client");
    }
    this.assertRank(id, client, changes, caller);
    const newSecret = client && (await isNew(changes.client_secret, client));
    const stored = client ? await this.update(id, changes) : await this.create(id, changes);
    // Somebody created or deleted the client meanwhile: what is to be checked has changed.
    if (!stored) return this.set(id, changes, caller, context);
    this.reportChange(id, client, changes, caller, context);
    if (newSecret) await this.endLogins(id, caller, context);
    return client ? "updated" : "created";
  }

  private async update(id: string, { client_secret, ...changes }: PermissionChanges): Promise<boolean> {
    const secretHash = client_secret === undefined ? {} : { secretHash: await hashSecret(client_secret) };
    return this.options.clients.update(id, { ...changes, ...secretHash });
  }

  private async create(id: string, { client_secret = "", disabled, ...changes }: PermissionChanges): Promise<boolean> {
    const { clients, now } = this.options;
    const { role = "contributor", allowed_agents } = changes;
    const permissions = { ...changes, role, allowed_agents: allowed_agents ?? undefined };
    if (isGroupId(id)) return clients.create({ id, permissions: ofGroup(changes), createdAt: now() });
    const secretHash = await hashSecret(client_secret);
    const created = await clients.create({ id, secretHash, permissions, createdAt: now() });
    if (created && disabled) await clients.update(id, { disabled });
    return created;
  }

  async remove(id: string, caller: Caller, context: RequestContext): Promise<void> {
    const report = (outcome: string) =>
      this.options.events.emit(
        "INFO",
        "user_deleted",
        [nameOf(caller), id],
        `Admin ${nameOf(caller)} ${outcome}`,
        context,
      );
    if (id === SYSTEM_ADMIN) {
      report(`attempted to delete the system admin client ${id}`);
      throw new Problem(422, "Error: System admin client cannot by deleted from API.");
    }
    if (!(await this.options.clients.delete(id))) {
      report(`attempted to delete client ${id}, which does not exist`);
      throw unknownClient();
    }
    report(`deleted client ${id}`);
  }

  /** Nobody changes a client that is stronger than they are, or makes one (auth section 4.1). */
  private assertRank(id: string, client: Client | null, changes: PermissionChanges, caller: Caller): void {
    const rank = caller.role ?? "agent";
    const deny = (what: string): never => {
      const message = `${nameOf(caller)} has insufficient permissions to ${what}`;
      throw new PermissionDenied(nameOf(caller), 403, message);
    };
    if (!isAtLeast(rank, roleOf(client))) deny(`modify client '${id}'`);
    const isReset = client !== null && changes.client_secret !== undefined && id !== caller.clientId;
    if (isReset && !isAtLeast(rank, this.options.secretResets)) deny(`set the secret of client '${id}'`);
    if (changes.role !== undefined && !isAtLeast(rank, changes.role))
      deny(`assign role '${changes.role}' to client '${id}'`);
  }

  private reportChange(
    id: string,
    before: Client | null,
    changes: PermissionChanges,
    caller: Caller,
    context: RequestContext,
  ): void {
    const who = nameOf(caller);
    const role = changes.role ?? before?.permissions.role ?? "contributor";
    const details = [who, id, `role=${role}`, "max_priority", "max_reservation_time", "allowed_queues"];
    const from = roleOf(before);
    if (before) this.report("user_updated", details, `Admin ${who} updated permissions for client ${id}`, context);
    else this.report("user_created", details, `Admin ${who} created new client ${id}`, context);
    if (before && from !== role)
      this.report(
        "privilege_permissions_changed",
        [id, from, role],
        `${who} changed the role of client ${id} from ${from} to ${role}`,
        context,
      );
  }

  /** What was begun with the former secret: who had that may be the reason for the new one (ASVS 5.0 control 7.4.3). */
  private async endLogins(id: string, caller: Caller, context: RequestContext): Promise<void> {
    const { events, sessions } = this.options;
    const who = `Admin ${nameOf(caller)}`;
    events.emit("INFO", "authn_password_change", [id], `${who} changed the secret of client ${id}`, context);
    await sessions.endAll(id, who, context);
  }

  private report(
    name: "authz_admin" | "user_created" | "user_updated" | "privilege_permissions_changed",
    details: string[],
    description: string,
    context: RequestContext,
  ): void {
    this.options.events.emit("WARNING", name, details, description, context);
  }
}

/** The same secret again only gets another hash. */
const isNew = async (secret: string | undefined, { secretHash }: Client): Promise<boolean> =>
  secret !== undefined && !(await secretMatches(secret, secretHash));

function assertFitsGroup(id: string, changes: PermissionChanges): void {
  assertGroupId(id);
  const fault = ["A group has none: only priorities, reservation times and queues of its members."];
  const faults = unfitForGroup(changes).map((field) => [field, fault] as const);
  if (faults.length) throw invalid("json", Object.fromEntries(faults));
}

/** A token may speak for nobody; the reference then writes this. */
const nameOf = (caller: Caller): string => caller.clientId ?? "None";

const permissionsOf = ({ id, permissions, disabled, groups }: Client): ClientPermissions => ({
  client_id: id,
  role: permissions.role ?? "contributor",
  max_priority: permissions.max_priority,
  allowed_queues: permissions.allowed_queues,
  allowed_queue_patterns: permissions.allowed_queue_patterns,
  max_reservation_time: permissions.max_reservation_time,
  email: permissions.email,
  allowed_agents: permissions.allowed_agents,
  disabled,
  groups: groups && [...groups],
});
