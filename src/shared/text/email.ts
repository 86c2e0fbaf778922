/** Dotted words, or a quoted text; line ends and other control characters, which the standard tolerates there, are refused. */
const LOCAL = /^(?:[-!#$%&'*+/=?^`{}|~\w]+(?:\.[-!#$%&'*+/=?^`{}|~\w]+)*|"(?:[!#-[\]-~]|\\[!-~])*")$/;
const DOMAIN = /^(?:(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z0-9][a-z0-9-]{0,61}[a-z0-9]|localhost)$/i;
const ADDRESS = /^\[(?:(?:25[0-5]|2[0-4]\d|[01]?\d?\d)(?:\.(?:25[0-5]|2[0-4]\d|[01]?\d?\d)){3}|[a-f0-9:.]+)\]$/i;

/** Characters of an address at the most: 64 of the local part, 255 of the domain (RFC 5321 section 4.5.3.1). */
const MAX_LENGTH = 320;

/** An e-mail address as the API takes it (server-api section 1.5). */
export function isEmail(text: string): boolean {
  const at = text.lastIndexOf("@");
  if (at < 1 || text.length > MAX_LENGTH) return false;
  const local = text.slice(0, at),
    domain = text.slice(at + 1);
  return LOCAL.test(local) && (DOMAIN.test(domain) || ADDRESS.test(domain));
}

/**
 * An address as it is compared with others. Only letters of ASCII lose their case: beyond them some have small forms that are other people's letters
 * (the sign of the kelvin becomes a `k`), and whoever has such an address at a provider would be taken for its double.
 */
export const comparableEmail = (address: string): string =>
  address.replace(/[A-Z]+/g, (letters) => letters.toLowerCase());
