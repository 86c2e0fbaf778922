import { ApiClient } from "../../../src/cli/api/client.ts";
import { createLog } from "../../../src/cli/log.ts";
import { processContext } from "../../../src/cli/runtime/context.ts";

/** A command as short as can be: makes one request to the server named by the first argument. */
const context = processContext();
const settings = { server: process.argv[2]!, errorThreshold: 3, attachmentsTimeout: 600 };
const api = new ApiClient(context, settings, createLog(context, { debug: false }));
await api.agents.queues();
