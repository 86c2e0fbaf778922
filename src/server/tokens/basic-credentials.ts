export interface BasicCredentials {
  readonly id: string;
  readonly secret: string;
}

/**
 * Credentials of an `Authorization: Basic` header (RFC 7617). `missing`: there is none, or it cannot be decoded; `unusable`: another scheme.
 * The cases are those of the reference (server-api section 6.28 and its corrections).
 */
export function basicCredentials(header: string | null): BasicCredentials | "missing" | "unusable" {
  if (!header) return "missing";
  const [, scheme, encoded] = /^(\S*)\s*(.*)$/s.exec(header) as unknown as [string, string, string];
  if (scheme.toLowerCase() !== "basic") return "unusable";
  const text = decodeBase64(encoded.trim());
  if (text === undefined) return "missing";
  const colon = text.indexOf(":");
  return colon < 0 ? { id: text, secret: "" } : { id: text.slice(0, colon), secret: text.slice(colon + 1) };
}

function decodeBase64(encoded: string): string | undefined {
  if (encoded.length % 4 !== 0 || !/^[A-Za-z0-9+/]*={0,2}$/.test(encoded)) return undefined;
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(Buffer.from(encoded, "base64"));
  } catch {
    return undefined;
  }
}
