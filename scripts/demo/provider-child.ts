import { startIdentityProvider } from "./identity-provider.ts";
import type { Order, Report } from "./provider-process.ts";

const tell = (report: Report): void => void process.send?.(report);

process.once("message", async (order: Order) => {
  const { issuer } = await startIdentityProvider({
    ...order,
    onDeviceAuthorization: (authorization) => tell({ kind: "device-authorization", authorization }),
  });
  tell({ kind: "ready", issuer });
});
// A parent that is gone has no use for an identity provider.
process.once("disconnect", () => process.exit(0));
