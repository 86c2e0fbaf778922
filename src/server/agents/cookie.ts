const NAME = "agent_name";

/** Characters that need no quotes (RFC 2616 section 2.2, as the reference's framework reads it). */
const TOKEN = /^[\w!#$%&'*+.^`|~:@/-]+$/;

/**
 * The cookie by which an agent tells its name when it asks for a job (server-api section 6.17). It is no credential: what an agent may do is in its
 * token. Names are quoted as in the reference, so that either server reads the other's cookies; escapes keep line ends out of the header.
 */
export const agentCookie = (name: string): string =>
  `${NAME}=${TOKEN.test(name) ? name : quote(name)}; HttpOnly; Path=/; SameSite=Strict`;

/** The agent's name, if the request carries the cookie. Values in quotes are what the reference's framework makes of names with blanks. */
export function agentNameOf(request: Request): string | undefined {
  const header = request.headers.get("cookie");
  const [, value] = (header && /(?:^|;)\s*agent_name=("(?:[^"\\]|\\.)*"|[^;]*)/.exec(header)) || [];
  if (!value) return undefined;
  return (value.startsWith('"') ? unquote(value.slice(1, -1)) : value.trim()) || undefined;
}

/** RFC 2109 quoting: whatever is not plain becomes the octal escapes of its UTF-8 bytes. */
const quote = (name: string): string =>
  `"${Array.from(Buffer.from(name, "utf8"), (byte) => {
    const character = String.fromCharCode(byte);
    if (character === '"' || character === "\\") return `\\${character}`;
    return byte < 0x20 || byte > 0x7e || character === ";" || character === ","
      ? `\\${byte.toString(8).padStart(3, "0")}`
      : character;
  }).join("")}"`;

function unquote(text: string): string {
  const bytes = text.replace(/\\([0-3][0-7]{2})|\\(.)/g, (_, octal?: string, plain?: string) =>
    octal ? String.fromCharCode(parseInt(octal, 8)) : (plain ?? ""),
  );
  return Buffer.from(bytes, "latin1").toString("utf8");
}
