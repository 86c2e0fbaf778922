import { Problem } from "../http/problem.ts";
import type { Client, ClientStore, Permissions } from "../store/clients.ts";

/** What ids of groups begin with. Nobody logs in with such an id, and no client or person gets one. */
const PREFIX = "group:";

/** Characters of a group's name at the most; identity providers give paths and UUIDs. */
export const MAX_GROUP_NAME_LENGTH = 200;

/** The id under which clients are kept and owners are named: `group:NAME`. */
export const groupId = (name: string): string => `${PREFIX}${name}`;

/** Of an id of a group. */
export const nameOfGroup = (id: string): string => id.slice(PREFIX.length);

/** A record with such an id carries permissions of a group's members, and is no client. */
export const isGroupId = (id: string): boolean => id.startsWith(PREFIX);

/** Control characters have no place in logs and on terminals. */
export const isGroupName = (name: unknown): name is string =>
  typeof name === "string" && name !== "" && name.length <= MAX_GROUP_NAME_LENGTH && !/\p{C}/u.test(name);

/** What a record of a group carries: it adds to what its members may do, and is nobody who logs in. */
export type GroupPermissions = Pick<Permissions, "max_priority" | "max_reservation_time" | "allowed_queue_patterns">;

export const ofGroup = ({
  max_priority,
  max_reservation_time,
  allowed_queue_patterns,
}: GroupPermissions): GroupPermissions => ({ max_priority, max_reservation_time, allowed_queue_patterns });

/** Fields of a change that a group has no place for. */
export const unfitForGroup = (changes: Readonly<Record<string, unknown>>): string[] =>
  Object.keys(changes).filter((field) => changes[field] !== undefined && !(field in ofGroup({})));

/** @throws Problem 422 */
export function assertGroupId(id: string): void {
  if (!isGroupName(nameOfGroup(id)))
    throw new Problem(
      422,
      `'${PREFIX}' must be followed by the name of a group: at most ${MAX_GROUP_NAME_LENGTH} characters, none of them a control character.`,
    );
}

/** What a client may do by itself and as a member of its groups: every queue of any of them, and the highest limits. */
export async function effectivePermissions(
  { permissions, groups = [] }: Client,
  clients: Pick<ClientStore, "find">,
): Promise<Permissions> {
  if (groups.length === 0) return permissions;
  const found = await Promise.all(groups.map((name) => clients.find(groupId(name))));
  const all = [permissions, ...found.flatMap((group) => (group ? [group.permissions] : []))];
  return {
    ...permissions,
    ...given("allowed_queues", union(all.map(({ allowed_queues }) => allowed_queues))),
    ...given("allowed_queue_patterns", union(all.map(({ allowed_queue_patterns }) => allowed_queue_patterns))),
    ...given("max_priority", highest(all.map(({ max_priority }) => max_priority))),
    ...given("max_reservation_time", highest(all.map(({ max_reservation_time }) => max_reservation_time))),
  };
}

const given = <Key extends string, Value>(key: Key, value: Value | undefined) =>
  (value === undefined ? {} : { [key]: value }) as Partial<Record<Key, Value>>;

function union(lists: readonly (string[] | undefined)[]): string[] | undefined {
  const present = lists.filter((list) => list !== undefined);
  return present.length ? [...new Set(present.flat())] : undefined;
}

type Limits = Record<string, number>;

function highest(maps: readonly (Limits | undefined)[]): Limits | undefined {
  const present = maps.filter((map) => map !== undefined);
  if (present.length === 0) return undefined;
  const entries = Map.groupBy(present.flatMap(Object.entries<number>), ([queue]) => queue);
  return Object.fromEntries(
    [...entries].map(([queue, values]) => [queue, Math.max(...values.map(([, limit]) => limit))]),
  );
}
