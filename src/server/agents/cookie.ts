const NAME = "agent_name";

/**
 * The cookie by which an agent tells its name when it asks for a job (server-api section 6.17). It is no credential: what an agent may do is in its token.
 */
export const agentCookie = (name: string): string =>
  new Bun.Cookie({ name: NAME, value: name, httpOnly: true, sameSite: "strict", path: "/" }).serialize();

/** The agent's name, if the request carries the cookie. Values in quotes are what the reference's framework makes of names with blanks. */
export function agentNameOf(request: Request): string | undefined {
  const header = request.headers.get("cookie");
  const value = header === null ? null : new Bun.CookieMap(header).get(NAME);
  if (!value) return undefined;
  return /^".*"$/.test(value) ? unquote(value.slice(1, -1)) : value;
}

/** RFC 2109 quoting with octal escapes of UTF-8 bytes. */
function unquote(text: string): string {
  const bytes = text.replace(/\\([0-3][0-7]{2})|\\(.)/g, (_, octal?: string, plain?: string) =>
    octal ? String.fromCharCode(parseInt(octal, 8)) : (plain ?? ""),
  );
  return Buffer.from(bytes, "latin1").toString("utf8");
}
