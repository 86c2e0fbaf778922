import type { Entry } from "../grammar/command.ts";

/** Every command in the order of the help. Summaries are here so that help loads no command. */
export const COMMANDS: Readonly<Record<string, Entry>> = {
  admin: { summary: "Administer agents and client permissions", load: () => import("./admin/admin.ts") },
  artifacts: { summary: "Download the artifacts of a job", load: () => import("./job/artifacts.ts") },
  cancel: { summary: "Cancel jobs", load: () => import("./job/cancel.ts") },
  config: { summary: "Show or change the configuration", load: () => import("./config/config.ts") },
  jobs: { summary: "List the jobs submitted from here", load: () => import("./job/jobs.ts") },
  "list-agents": { summary: "List the agents of the server", load: () => import("./agent/list.ts") },
  "list-queues": { summary: "List the advertised queues", load: () => import("./queue/list.ts") },
  login: { summary: "Log in to the server", load: () => import("./auth/login.ts") },
  logout: { summary: "End the stored login", load: () => import("./auth/logout.ts") },
  "change-secret-key": {
    summary: "Change the secret key of a client id",
    load: () => import("./auth/change-secret-key.ts"),
  },
  whoami: { summary: "Show who is logged in", load: () => import("./auth/whoami.ts") },
  poll: { summary: "Show the output of a job as it runs", load: () => import("./job/poll.ts") },
  "poll-serial": { summary: "Show the serial log of a job as it runs", load: () => import("./job/poll-serial.ts") },
  reserve: { summary: "Install a device and keep it for interactive use", load: () => import("./job/reserve.ts") },
  status: { summary: "Show the state of a job", load: () => import("./job/status.ts") },
  "agent-status": { summary: "Show the state of an agent", load: () => import("./agent/status.ts") },
  "queue-status": { summary: "Show the agents and jobs of a queue", load: () => import("./queue/status.ts") },
  results: { summary: "Show the results of a finished job", load: () => import("./job/results.ts") },
  show: { summary: "Show a job as it was submitted", load: () => import("./job/show.ts") },
  submit: { summary: "Submit a job", load: () => import("./job/submit.ts") },
  secret: { summary: "Store and delete secrets for jobs", load: () => import("./secret/secret.ts") },
  sessions: { summary: "See and end logins", load: () => import("./sessions/sessions.ts") },
  completion: {
    summary: "Print a script that teaches a shell to complete commands",
    load: () => import("./completion.ts"),
  },
  wait: { summary: "Wait until a job has reached a state", load: () => import("./job/wait.ts") },
  search: { summary: "Find jobs on the server by tag and state", load: () => import("./job/search.ts") },
  help: { summary: "Explain a command or a topic", load: () => import("./help/help.ts") },
  version: { summary: "Show the version of this program", load: () => import("./version.ts") },
};
