/**
 * With it the script of a page marks what it asks for by itself. It takes away from a request what a person's visit would do, and gives nothing: nobody
 * gains by forging it.
 */
export const BACKGROUND_HEADER = "x-testflinger-background";

/**
 * Is a person there? Pages that keep themselves up to date ask for ever, also in an empty office: without this no session of theirs would end for lack
 * of use (ASVS 5.0 control 7.3.1). Streams are the script's as well, and can carry no header of ours; what a browser loads on suspicion nobody may ever
 * see.
 */
export function isActivity({ headers }: Request): boolean {
  const isStream = headers.get("accept") === "text/event-stream";
  return !isStream && !headers.has(BACKGROUND_HEADER) && !headers.has("sec-purpose");
}
