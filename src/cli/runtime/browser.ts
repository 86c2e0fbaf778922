type Env = Readonly<Record<string, string | undefined>>;

/**
 * Shows a URL in the person's browser: `$BROWSER` if set (a command, `%s` standing for the URL), else the platform's
 * way. The URL comes from a server, so it is passed as one argument, never through a shell, and only when it is https
 * or leads to this machine. Text browsers would take over the terminal, so none is started where there is no screen.
 */
export function browserOpener(env: Env, platform: NodeJS.Platform): (url: string) => Promise<boolean> {
  return async (url) => {
    const command = isShowable(url) ? commandFor(url, env, platform) : undefined;
    if (!command) return false;
    try {
      Bun.spawn(command, { stdin: "ignore", stdout: "ignore", stderr: "ignore", env: { ...env } }).unref();
      return true;
    } catch {
      return false;
    }
  };
}

/** https anywhere; plain http only on this machine. */
export function isShowable(url: string): boolean {
  const parsed = URL.parse(url);
  if (!parsed) return false;
  const loopback = ["localhost", "127.0.0.1", "[::1]"].includes(parsed.hostname);
  return parsed.protocol === "https:" || (parsed.protocol === "http:" && loopback);
}

export function commandFor(url: string, env: Env, platform: NodeJS.Platform): string[] | undefined {
  const chosen = env.BROWSER?.split(":")[0]?.split(/\s+/).filter(Boolean) ?? [];
  if (chosen.length > 0) {
    const named = chosen.some((word) => word.includes("%s"));
    return named ? chosen.map((word) => word.replaceAll("%s", url)) : [...chosen, url];
  }
  if (platform === "darwin") return ["open", url];
  if (platform === "win32") return ["rundll32", "url.dll,FileProtocolHandler", url];
  return env.DISPLAY || env.WAYLAND_DISPLAY ? ["xdg-open", url] : undefined;
}
