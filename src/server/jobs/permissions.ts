import type { JobDefinition } from "../../shared/job/definition.ts";
import { matches } from "../../shared/text/wildcard.ts";
import type { Caller } from "../http/caller.ts";
import { PermissionDenied } from "../http/problem.ts";

/** Seconds that everybody may reserve a device for, and how long a reservation lasts when nothing is said (server-api section 5.3). */
export const FREE_RESERVATION = 21_600;
export const DEFAULT_RESERVATION = 3_600;

/** The limit of a permission map for a queue: the larger of its entry and the one for all queues, at least 0. */
const limit = (map: Record<string, number> | undefined, queue: string): number =>
  Math.max(map?.["*"] ?? 0, ownValue(map, queue) ?? 0, 0);

const ownValue = (map: Record<string, number> | undefined, key: string): number | undefined =>
  map && Object.hasOwn(map, key) ? map[key] : undefined;

/**
 * Priority, restricted queue and reservation time, in this order. What counts is in the token, not in the database, and no role is exempt
 * (server-api section 5.3).
 */
export function assertMaySubmit(caller: Caller, definition: JobDefinition, restricted: boolean): void {
  const { job_queue: queue, job_priority: priority = 0, reserve_data: reservation } = definition;
  const { max_priority, max_reservation_time, allowed_queues, allowed_queue_patterns } = caller.permissions;
  const isOwner = () =>
    allowed_queues?.includes(queue) || allowed_queue_patterns?.some((pattern) => matches(pattern, queue));
  const refuse = (anonymous: string, authenticated: string): never => {
    throw caller.clientId === null
      ? new PermissionDenied(null, 401, anonymous)
      : new PermissionDenied(caller.clientId, 403, authenticated);
  };

  if (priority !== 0 && (caller.clientId === null || priority > limit(max_priority, queue)))
    refuse(
      `Authentication required for setting priority: ${priority}`,
      `Not enough permissions to push to ${queue} with priority ${priority}`,
    );

  if (restricted && !isOwner())
    refuse(
      `Authentication required to push to restricted queue: ${queue}`,
      `Not enough permissions to push to the restricted queue: ${queue}`,
    );

  const timeout = reservation?.timeout ?? DEFAULT_RESERVATION;
  if (reservation && timeout > FREE_RESERVATION && timeout > limit(max_reservation_time, queue))
    refuse(
      `Authentication required for setting timeout: ${timeout}`,
      `Not enough permissions to push to ${queue} with reservation timeout ${timeout}`,
    );
}
