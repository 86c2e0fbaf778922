import type { Group } from "../../grammar/command.ts";

export default {
  meta: { name: "get", description: "Show client permissions" },
  subCommands: {
    "client-permissions": {
      summary: "Show what one client, or every client, may do",
      load: () => import("./get-client-permissions.ts"),
    },
  },
} satisfies Group;
