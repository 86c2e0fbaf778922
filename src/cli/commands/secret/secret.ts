import type { Group } from "../../grammar/command.ts";

export default {
  meta: { name: "secret", description: "Store and delete secrets for jobs" },
  details:
    "A secret is kept by the server, encrypted, for the client that wrote it. Jobs name it under `secrets` in their " +
    "test_data and find its value in the environment of their test commands.",
  subCommands: {
    write: { summary: "Store a secret", load: () => import("./write.ts") },
    delete: { summary: "Delete a secret", load: () => import("./delete.ts") },
  },
} satisfies Group;
