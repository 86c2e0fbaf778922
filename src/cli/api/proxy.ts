import type { Context } from "../context.ts";

/**
 * Host of the proxy that a request goes through, by the variables that fetch reads (cli section 4.1), for messages: a
 * proxy that is down looks as if the server were. Only the host, since the variable may hold a password.
 *
 * @returns undefined for none
 */
export function proxyOf(url: URL, env: Context["env"]): string | undefined {
  const variable = url.protocol === "https:" ? "https_proxy" : "http_proxy";
  const proxy = URL.parse(env[variable] || env[variable.toUpperCase()] || "");
  return proxy && !isExempt(url, env.no_proxy || env.NO_PROXY || "") ? proxy.host : undefined;
}

function isExempt({ host, hostname }: URL, exemptions: string): boolean {
  const names = exemptions.split(",").map((name) => name.trim().replace(/^\./, ""));
  return names.some((name) => name !== "" && (name === "*" || name === host || `.${hostname}`.endsWith(`.${name}`)));
}
