/**
 * Control characters other than tab and line feed, and the characters that reorder what a terminal shows: text of the
 * server or the identity provider must not move the cursor, retitle the window or disguise an address.
 */
const UNPRINTABLE = /[[\p{Cc}\p{Bidi_Control}\u2028\u2029]--[\t\n]]/gv;

/** Text from outside, made safe for a terminal. */
export const printable = (text: string): string => text.replace(UNPRINTABLE, "");

/** The same on one line. */
export const printableLine = (text: string): string => printable(text).replace(/\s+/g, " ").trim();
