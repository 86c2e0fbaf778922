import { join } from "node:path";
import type { ServerUrl } from "../api/server-url.ts";

/**
 * The folders in which the login for a server may be kept, below the user's configuration folder. The first is the one
 * that the reference uses: named after the host alone (cli section 5.6), so that all servers on one host share it. The
 * second names port and base path too, and takes over when the first one belongs to another server of the host (W39).
 */
export function loginFolders(configHome: string, { url, base }: ServerUrl): { shared: string; own: string } {
  const port = url.port || (url.protocol === "https:" ? "443" : "80");
  const path = base.slice(url.origin.length);
  const folder = (name: string) => join(configHome, "testflinger-cli", name.replace(/[^A-Za-z0-9_]+/g, "_"));
  return { shared: folder(url.hostname), own: folder(`${url.hostname}:${port}${path}`) };
}
