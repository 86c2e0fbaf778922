import { join } from "node:path";
import type { DeviceAuthorization } from "../../../scripts/demo/identity-provider.ts";
import { logInDevice } from "../../../scripts/demo/person.ts";
import { spawnIdentityProvider } from "../../../scripts/demo/provider-process.ts";
import { temporaryFolder } from "./temporary-folder.ts";

const PASSWORD = "open sesame";

/** The demo's certified identity provider, and the people who have accounts there. */
export interface TestProvider extends AsyncDisposable {
  readonly issuer: string;
  readonly clientId: string;
  /** Opens every account. */
  readonly password: string;
  /** Waits for the next device that wants to be logged in, and does it as this person. */
  logInNextDevice(name: string): Promise<DeviceAuthorization>;
}

/** @param redirectUri where browsers are sent back to; without one people log in devices only */
export async function identityProvider(redirectUri?: string): Promise<TestProvider> {
  await using stack = new AsyncDisposableStack();
  const folder = stack.use(await temporaryFolder());
  const waiting: ((authorization: DeviceAuthorization) => void)[] = [];
  const clientId = "testflinger";
  const provider = await spawnIdentityProvider(
    {
      clientId,
      redirectUri,
      password: PASSWORD,
      interval: 1,
      onDeviceAuthorization: (authorization) => waiting.shift()?.(authorization),
    },
    join(folder.path, "provider.log"),
  );
  stack.defer(() => provider.stop());
  const kept = stack.move();
  return {
    issuer: provider.issuer,
    clientId,
    password: PASSWORD,
    async logInNextDevice(name) {
      const authorization = await new Promise<DeviceAuthorization>((begun) => waiting.push(begun));
      await logInDevice(authorization.verificationUriComplete, name, PASSWORD);
      return authorization;
    },
    [Symbol.asyncDispose]: () => kept.disposeAsync(),
  };
}
