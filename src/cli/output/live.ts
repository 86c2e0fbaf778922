import type { Context, Output } from "../context.ts";

/**
 * May a line be redrawn in place? On terminals that can move their cursor, and not for people who want plain output:
 * NO_COLOR is how screen readers and recordings ask for it.
 */
export const isLive = ({ isTTY }: Pick<Output, "isTTY">, { NO_COLOR, TERM }: Context["env"]): boolean =>
  isTTY && !NO_COLOR && TERM !== "dumb";
