import type { ObjectId } from "mongodb";
import type { Client, Permissions, Person } from "../clients.ts";
import { plain, present } from "./documents.ts";

/** A password client or a person as the reference keeps them (data section 3.9). */
export interface ClientDocument extends Permissions {
  readonly _id: ObjectId;
  readonly client_id: string;
  readonly client_secret_hash?: string;
  readonly sub?: string;
  readonly name?: string;
  readonly created_at?: Date;
  readonly last_login?: Date;
  /** The rest is unknown to the reference. */
  readonly issuer?: string;
  /** The id before a rename, until everything that hangs on it has followed. */
  readonly renamed_from?: string;
  readonly disabled?: boolean;
  readonly expected_email?: string;
  readonly groups?: string[];
}

export function clientOf(document: ClientDocument): Client {
  const { role, max_priority, max_reservation_time, allowed_queues, email, allowed_agents, sub, issuer } = document;
  const { allowed_queue_patterns, groups } = document;
  const stored = {
    role,
    max_priority: plain(max_priority),
    max_reservation_time: plain(max_reservation_time),
    allowed_queues,
    allowed_queue_patterns: allowed_queue_patterns?.length ? allowed_queue_patterns : undefined,
    email,
    allowed_agents,
  };
  return present({
    id: document.client_id,
    secretHash: document.client_secret_hash ?? undefined,
    permissions: Object.fromEntries(Object.entries(stored).filter(([, value]) => value != null)),
    subject: sub == null ? undefined : present({ sub, issuer }),
    name: document.name ?? undefined,
    groups: groups?.length ? groups : undefined,
    createdAt: document.created_at ?? undefined,
    lastLogin: document.last_login ?? undefined,
    disabled: document.disabled || undefined,
    expectedEmail: document.expected_email ?? undefined,
  });
}

/** The account that a person gets with the first login. */
export const accountOf = (
  { issuer, sub, email, name, role, groups }: Person,
  now: Date,
): Omit<ClientDocument, "_id"> => ({
  client_id: email,
  sub,
  issuer,
  name,
  role: role ?? "contributor",
  ...(groups?.length ? { groups: [...groups] } : {}),
  created_at: now,
  last_login: now,
});
