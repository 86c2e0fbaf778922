import type { DeviceAuthorization, IdentityProvider, IdentityProviderOptions } from "./identity-provider.ts";

/** What the child tells its parent. */
export type Report =
  | { readonly kind: "ready"; readonly issuer: string }
  | { readonly kind: "device-authorization"; readonly authorization: DeviceAuthorization };

/** What the parent tells its child, once. */
export type Order = Omit<IdentityProviderOptions, "onDeviceAuthorization">;

/**
 * Starts the identity provider in a process of its own: `oidc-provider` writes warnings for people who run it in production to the console.
 *
 * @param log file for whatever it writes
 * @throws Error when it ends before it listens
 */
export async function spawnIdentityProvider(
  { onDeviceAuthorization, ...order }: IdentityProviderOptions,
  log: string,
): Promise<IdentityProvider> {
  const { promise: ready, resolve, reject } = Promise.withResolvers<string>();
  const output = Bun.file(log);
  const child = Bun.spawn([process.execPath, new URL("provider-child.ts", import.meta.url).pathname], {
    stdin: "ignore",
    stdout: output,
    stderr: output,
    ipc(report: Report) {
      if (report.kind === "ready") resolve(report.issuer);
      else onDeviceAuthorization?.(report.authorization);
    },
    onExit: (_child, status) => reject(new Error(`The identity provider ended with status ${status}; see ${log}`)),
  });
  child.send(order);
  return {
    issuer: await ready,
    async stop() {
      child.kill();
      await child.exited;
    },
  };
}
