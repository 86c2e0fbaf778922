import { ApiClient, type ApiSettings } from "../../../src/cli/api/client.ts";
import { createLog } from "../../../src/cli/log.ts";
import type { World } from "./world.ts";

/** A client of `server` in `world`, with the default settings. */
export const clientFor = (world: World, server: string, settings: Partial<ApiSettings> = {}): ApiClient =>
  new ApiClient(
    world.context,
    { server, errorThreshold: 3, attachmentsTimeout: 600, ...settings },
    createLog(world.context),
  );
