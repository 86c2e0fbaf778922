/** The parts of a connection that the `MONGODB_*` variables name (config section 1). */
export interface ConnectionParts {
  readonly host: string;
  /** Default 27017. */
  readonly port?: number;
  readonly database: string;
  /** Used only together with a password. */
  readonly username?: string;
  readonly password?: string;
  /** Database that knows the user; default `admin`. */
  readonly authSource?: string;
}

const SCHEME = /^mongodb(?:\+srv)?:\/\//;

/** The connection string for the parts, with user name and password percent-encoded. */
export function connectionUri({
  host,
  port = 27017,
  database,
  username,
  password,
  authSource = "admin",
}: ConnectionParts): string {
  const credentials = username && password ? `${encodeURIComponent(username)}:${encodeURIComponent(password)}@` : "";
  const address = host.includes(":") && !host.startsWith("[") ? `[${host}]` : host;
  return `mongodb://${credentials}${address}:${port}/${encodeURIComponent(database)}?authSource=${encodeURIComponent(authSource)}`;
}

/** The database that a connection string names. */
export function databaseOf(uri: string): string | undefined {
  const afterCredentials = uri.replace(SCHEME, "").replace(/^[^/?]*@/, "");
  const [, path] = /^[^/?]*\/([^?]+)/.exec(afterCredentials) ?? [];
  return path === undefined ? undefined : decodeURIComponent(path);
}

/**
 * Does the text repeat a part of what stands before the host? The driver and the URL parser quote a connection string that
 * they cannot read, and so would put the password into the log.
 */
export const repeatsCredentials = (text: string, uri: string): boolean =>
  uri
    .slice(0, uri.lastIndexOf("@") + 1)
    .replace(SCHEME, "")
    .split(/[:/@]+/)
    .some((part) => part !== "" && text.includes(part));
