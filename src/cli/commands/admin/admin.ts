import type { Group } from "../../grammar/command.ts";

export default {
  meta: { name: "admin", description: "Administer agents and client permissions" },
  details: "For people with the role admin; managers may read and set client permissions.",
  subCommands: {
    set: { summary: "Change agents or client permissions", load: () => import("./set.ts") },
    get: { summary: "Show client permissions", load: () => import("./get.ts") },
    delete: { summary: "Delete clients", load: () => import("./delete.ts") },
  },
} satisfies Group;
