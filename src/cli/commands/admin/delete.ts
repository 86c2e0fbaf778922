import type { Group } from "../../grammar/command.ts";

export default {
  meta: { name: "delete", description: "Delete clients" },
  subCommands: {
    "client-permissions": {
      summary: "Delete a client and everything it may do",
      load: () => import("./delete-client-permissions.ts"),
    },
  },
} satisfies Group;
