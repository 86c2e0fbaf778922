import type { Group } from "../../grammar/command.ts";

export default {
  meta: { name: "sessions", description: "See and end logins" },
  details:
    "Every login on a machine is a session at the server until it expires, is logged out, or is ended here: end those " +
    "of machines that you have lost. Servers of the reference cannot tell.",
  subCommands: {
    list: { summary: "List the logins that have not ended", load: () => import("./list.ts") },
    end: { summary: "End logins", load: () => import("./end.ts") },
  },
} satisfies Group;
