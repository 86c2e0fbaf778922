/** Longer addresses are not worth keeping: they would fill the cookie of the login. */
const MAX_LENGTH = 512;

/** Stands for this server; resolving against it shows where a browser would go. */
const HERE = "http://here.invalid";

/**
 * The path to go to after a login, of this server only (ASVS 5.0 control 3.7.2, CWE-601). Browsers read `//host`, `/\host` and `/<tab>/host` as
 * another host, and drop line ends: what they would make of the text decides, and only that goes into the redirect. Anything else leads home.
 */
export function returnPath(wanted: string | null | undefined): string {
  if (!wanted?.startsWith("/") || wanted.length > MAX_LENGTH) return "/";
  const url = URL.parse(wanted, HERE);
  if (url?.origin !== HERE) return "/";
  const path = url.pathname + url.search + url.hash;
  // `/./` + `/evil` is a path here and a host in the next redirect. The pages of the login itself would go round in circles.
  return /^\/\/|^\/\\|^\/auth\/(?:login|logout|callback)\b/.test(path) ? "/" : path;
}
