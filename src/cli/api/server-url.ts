import { CliError } from "../errors.ts";
import { printable } from "./printable.ts";

/** Where a Testflinger server is: `base` has neither a trailing slash, nor a query, nor credentials. */
export interface ServerUrl {
  /** Scheme, host, port and base path, for example `https://lab.example.com/testflinger`. */
  readonly base: string;
  readonly url: URL;
}

/**
 * Reads the `server` setting (cli section 2.7). A path is kept as base path; query and fragment are dropped.
 *
 * @throws {CliError} naming the value when it is no http(s) URL with a host
 */
export function parseServerUrl(text: string): ServerUrl {
  if (!/^https?:\/\//.test(text)) {
    throw new CliError(`Server must start with "http://" or "https://" - currently set to: "${printable(text)}"`);
  }
  // WHATWG parsing reads `http:///path` as host "path"; the person who wrote it named no host.
  const url = /^https?:\/\/[/\\?#]/.test(text) ? null : URL.parse(text);
  if (!url?.hostname) throw new CliError(`Server must name a host - currently set to: "${printable(text)}"`);
  if (url.username || url.password) {
    throw new CliError("Server must not contain a user name or password: set client_id and secret_key instead");
  }
  return { base: url.origin + url.pathname.replace(/\/+$/, ""), url };
}

/** Is the connection to this server readable on the way? Loopback addresses never leave the machine. */
export function isCleartext({ url }: ServerUrl): boolean {
  return url.protocol === "http:" && !isLoopback(url.hostname);
}

export const cleartextRefused = ({ base }: ServerUrl): CliError =>
  new CliError(`${base} is not encrypted, and require_https is set. Use an https:// address, or unset require_https.`);

/** `localhost`, `*.localhost` (RFC 6761), 127.0.0.0/8 and ::1, as `URL.hostname` spells them. */
export function isLoopback(hostname: string): boolean {
  return /^(?:(?:.*\.)?localhost|127(?:\.\d{1,3}){3}|\[::1\])$/.test(hostname);
}
