/** A reg-name, an IPv4 or a bracketed IPv6 address, and perhaps a port (RFC 9110 section 7.2). */
const HOST = /^(?:[a-z0-9](?:[a-z0-9._-]{0,253})|\[[0-9a-f:.]{2,45}\])(?::(\d{1,5}))?$/i;

/** Is it a host that a request may name? */
export function isHost(text: string): boolean {
  const match = HOST.exec(text);
  return match !== null && Number(match[1] ?? 0) <= 65_535;
}

/**
 * Is the host one of these? `*.` stands for every name below; a port counts only where one is given. An empty list allows every host. Names that lead
 * to this server and are not its own come from other sites' DNS (rebinding), or are meant for links and caches (RFC 9110 section 7.4).
 */
export function isAllowedHost(host: string, allowed: readonly string[]): boolean {
  return allowed.length === 0 || allowed.some((pattern) => fits(normal(host), normal(pattern)));
}

function fits(host: string, pattern: string): boolean {
  const name = withPort(pattern) ? host : host.replace(/:\d+$/, "");
  return pattern.startsWith("*.") ? name.endsWith(pattern.slice(1)) && name.length >= pattern.length : name === pattern;
}

const withPort = (host: string): boolean => /:\d+$/.test(host);

/** Without the dot that makes a name absolute. */
const normal = (host: string): string => host.toLowerCase().replace(/\.(?=:\d+$|$)/, "");
