import type { Group } from "../../grammar/command.ts";

export default {
  meta: { name: "set", description: "Change agents or client permissions" },
  subCommands: {
    "agent-status": { summary: "Take agents offline or bring them back", load: () => import("./set-agent-status.ts") },
    "client-permissions": {
      summary: "Create a client or change what it may do",
      load: () => import("./set-client-permissions.ts"),
    },
  },
} satisfies Group;
