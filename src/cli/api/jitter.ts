/** How far a pause may be from the one that was meant, as a part of it. */
const SPREAD = 0.25;

/**
 * A pause before a retry that differs from client to client (W3): a server that comes back must not meet all whom it has
 * lost in one moment.
 *
 * @param random numbers from 0 up to 1
 */
export const jittered = (ms: number, random: () => number): number => ms * (1 + SPREAD * (2 * random() - 1));
