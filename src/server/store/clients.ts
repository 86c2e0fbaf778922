/** What a client may do beyond its role (auth section 4.3); maps are by queue name or `*`. */
export interface Permissions {
  /** As stored; absent = contributor. Text from old databases may be no role at all. */
  role?: string;
  max_priority?: Record<string, number>;
  max_reservation_time?: Record<string, number>;
  /** Restricted queues that the client may submit to, by their names. */
  allowed_queues?: string[];
  /** The same for all whose name fits, `*` for any run of characters. Apart from the names, which hold for themselves in databases and tokens of the reference. */
  allowed_queue_patterns?: string[];
  /** Contact of a password client. */
  email?: string;
  /** Names of agents that the client may act as, `*` for any run of characters; absent: every one. */
  allowed_agents?: string[];
}

/** A password client or a person (data section 3.9). */
export interface Client {
  /** A chosen name, or a person's e-mail address. */
  readonly id: string;
  /** bcrypt; password clients only. */
  readonly secretHash?: string;
  readonly permissions: Permissions;
  /** Who the person is at the identity provider; people only. Documents of the reference lack the issuer until the next login. */
  readonly subject?: { readonly sub: string; readonly issuer?: string };
  readonly name?: string;
  /** Groups of the identity provider that the person was in at the last login. */
  readonly groups?: readonly string[];
  readonly createdAt?: Date;
  readonly lastLogin?: Date;
  /** Neither logs in nor refreshes. */
  readonly disabled?: true;
  /** In small letters: the account waits for the first login of the person with this address, and becomes theirs. */
  readonly expectedEmail?: string;
}

export interface ClientChanges {
  secretHash?: string;
  role?: string;
  max_priority?: Record<string, number>;
  max_reservation_time?: Record<string, number>;
  email?: string;
  /** Null: every agent. */
  allowed_agents?: string[] | null;
  /** Empty: none. */
  allowed_queue_patterns?: string[];
  disabled?: boolean;
  expectedEmail?: string;
}

/** A person as the identity provider vouches for. */
export interface Person {
  readonly issuer: string;
  readonly sub: string;
  readonly email: string;
  readonly name: string;
  /** Does the provider say that the address is theirs? Only then does an account that waits for it become theirs. */
  readonly emailVerified?: boolean;
  /** Given by the provider's groups, where they decide: replaces the stored one. */
  readonly role?: string;
  /** Replace the stored ones; absent: none. */
  readonly groups?: readonly string[];
}

export interface ClientStore {
  find(id: string): Promise<Client | null>;
  /** All clients by id. */
  list(): Promise<Client[]>;
  /** False if the id is taken. */
  create(client: Pick<Client, "id" | "secretHash" | "permissions" | "createdAt" | "expectedEmail">): Promise<boolean>;
  /** Replaces the given fields and no others, so that concurrent changes of other fields are kept. False for an unknown client. */
  update(id: string, changes: ClientChanges): Promise<boolean>;
  /** Gives the client another secret if it has still the one of `from` and is not disabled; both are hashes. False if not. */
  replaceSecret(id: string, from: string, to: string): Promise<boolean>;
  /**
   * Removes the client, its refresh tokens, its secrets (whoever gets the id later must not inherit them) and its ownership of queues (which stay
   * restricted). False for an unknown client.
   */
  delete(id: string): Promise<boolean>;
  /**
   * Records a login. Keyed by (issuer, sub); an account of the reference with the same `sub` and no issuer is adopted. On first login the person
   * becomes a contributor; existing role and grants stay. A changed e-mail renames the account: grants, refresh tokens, secrets
   * and jobs (`submitter`, `secretsOwner`) follow, and nothing that an earlier holder of the new e-mail left behind is inherited.
   * A person without an account whose verified address an account waits for gets that account: it is renamed to the address as above, keeps role and
   * grants, and loses its secret.
   *
   * `conflict`: another client has that e-mail as its id; nothing changes.
   */
  recordLogin(person: Person, now: Date): Promise<Client | "conflict">;
}
