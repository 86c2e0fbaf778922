import type { Client, ClientStore } from "../store/clients.ts";
import { LoginRefused } from "./faults.ts";
import type { Grant } from "./grant.ts";
import type { IdentityProvider } from "./provider.ts";

export interface AdmissionOptions {
  provider: IdentityProvider;
  clients: ClientStore;
  now: () => Date;
}

/** Lets a person in whom the provider vouches for: their account here, whatever way they logged in. */
export class Admission {
  constructor(private readonly options: AdmissionOptions) {}

  /** @throws LoginRefused when this person does not get in; another Problem when a later try may succeed */
  async admit(grant: Grant): Promise<Client> {
    const { provider, clients, now } = this.options;
    const person = await provider.identify(grant);
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
    return client;
  }
}
