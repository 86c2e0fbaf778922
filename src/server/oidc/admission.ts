import type { RequestContext } from "../http/request-context.ts";
import type { SecurityEvents } from "../log/security-events.ts";
import { roleOf } from "../permissions/role-of.ts";
import type { Client, ClientStore } from "../store/clients.ts";
import { LoginRefused } from "./faults.ts";
import type { Grant } from "./grant.ts";
import type { IdentityProvider } from "./provider.ts";

export interface AdmissionOptions {
  provider: IdentityProvider;
  clients: ClientStore;
  events: SecurityEvents;
  now: () => Date;
}

/** Lets a person in whom the provider vouches for: their account here, whatever way they logged in. */
export class Admission {
  constructor(private readonly options: AdmissionOptions) {}

  /** @throws LoginRefused when this person does not get in; another Problem when a later try may succeed */
  async admit(grant: Grant, context: RequestContext): Promise<Client> {
    const { provider, clients, now } = this.options;
    const person = await provider.identify(grant);
    const before = await clients.find(person.email);
    const client = await clients.recordLogin(person, now());
    if (client === "conflict")
      throw new LoginRefused(
        409,
        `The email address ${person.email} already belongs to another account of this server. Ask an administrator to rename or delete that account.`,
        "the email is the id of another client",
        person.email,
      );
    if (client.disabled)
      throw new LoginRefused(
        403,
        `The account ${client.id} is disabled. Ask an administrator to enable it.`,
        "the account is disabled",
        client.id,
      );
    if (before) this.reportRole(before, client, context);
    return client;
  }

  /** The provider's groups have made somebody more, or less, than they were. */
  private reportRole(before: Client, client: Client, context: RequestContext): void {
    const [from, to] = [roleOf(before), roleOf(client)];
    if (from === to) return;
    const description = `The identity provider changed the role of ${client.id} from ${from} to ${to}`;
    this.options.events.emit("WARNING", "privilege_permissions_changed", [client.id, from, to], description, context);
  }
}
