import { HttpError, isRequestFailure } from "../../api/errors.ts";
import type { Agent } from "../../api/agents.ts";
import type { QueuedJob } from "../../api/queues.ts";
import { CliError } from "../../errors.ts";
import { defineCommand } from "../../grammar/command.ts";
import { chosenFormat, type OutputChoice, outputOptions, printData } from "../../output/data.ts";
import { shownOn } from "../../output/device-text.ts";
import { dateText, wallClock } from "../../output/server-date.ts";
import type { Session } from "../../session.ts";
import { countsOf, countTable } from "./counts.ts";

export default defineCommand({
  meta: { name: "queue-status", description: "Show the agents and jobs of a queue" },
  args: {
    verbose: { type: "boolean", alias: "v", description: "list the jobs instead of counting them" },
    counts: { type: "boolean", description: "count agents and jobs by each of their states" },
    ...outputOptions,
    queue_name: { type: "positional", completes: "queue", description: "queue to look at" },
  },
  exclusive: [
    ["json", "output"],
    ["verbose", "counts"],
  ],
  fields: {
    queue: "name of the queue",
    agents: "list of name and status of its agents",
    jobs_waiting: "list of job_id and created_at of the jobs that wait",
    jobs_running: "the same of those that run; only with --verbose",
    jobs_completed: "the same of those that are complete; only with --verbose",
    agents_by_state: "with --counts instead of all but the queue: state to number of agents",
    jobs_by_state: "with --counts: state to number of jobs",
  },
  examples: [
    "testflinger queue-status my-queue",
    "testflinger queue-status --json --verbose my-queue",
    "testflinger queue-status --counts my-queue",
  ],
  run,
});

export interface QueueStatusOptions extends OutputChoice {
  readonly queueName: string;
  readonly verbose: boolean;
  readonly counts: boolean;
}

export async function run(options: QueueStatusOptions, { context, api }: Session): Promise<void> {
  const { queueName, verbose } = options;
  const { stdout } = context.io;
  const agents = await agentsOf(queueName, api);
  const allJobs = await jobsOf(queueName, api);
  if (options.counts) {
    const byState = countsOf(queueName, agents, allJobs);
    return printData(
      chosenFormat(options) ?? "table",
      { value: byState, layout: { indent: 2 }, table: () => countTable(byState, stdout) },
      stdout,
    );
  }
  const jobs = classify(allJobs);
  const value = report(queueName, agents, jobs, verbose);
  const table = () => {
    const lines = [...agentCounts(agents), ...(verbose ? jobLists(jobs) : jobCounts(jobs))];
    return shownOn(stdout)(`${lines.join("\n")}\n`);
  };
  await printData(chosenFormat(options) ?? "table", { value, layout: { indent: 2 }, table }, stdout);
}

async function agentsOf(queue: string, api: Session["api"]): Promise<Agent[]> {
  try {
    return await api.queues.agents(queue);
  } catch (error) {
    if (!isRequestFailure(error)) throw error;
    if (error instanceof HttpError && error.status === 204) {
      throw new CliError(`No agent is listening on queue '${queue}'.`);
    }
    if (error instanceof HttpError && error.status === 404) throw new CliError(error.message);
    throw new CliError(`Unable to retrieve queue status from the server: ${error.message}`, 1, { cause: error });
  }
}

/** None when there are none, and when they cannot be had: the agents are worth showing alone. */
async function jobsOf(queue: string, api: Session["api"]): Promise<QueuedJob[]> {
  try {
    return await api.queues.jobs(queue);
  } catch (error) {
    if (!isRequestFailure(error)) throw error;
    return [];
  }
}

interface JobClasses {
  readonly waiting: readonly QueuedJob[];
  readonly running: readonly QueuedJob[];
  readonly completed: readonly QueuedJob[];
}

/** Every job that neither waits nor has ended counts as running, `completed` of old databases too (section 10.11). */
function classify(jobs: readonly QueuedJob[]): JobClasses {
  const inState =
    (...states: string[]) =>
    (job: QueuedJob) =>
      states.includes(String(job.job_state).toLowerCase());
  return {
    waiting: jobs.filter(inState("waiting")),
    running: jobs.filter((job) => !inState("waiting", "complete", "cancelled")(job)),
    completed: jobs.filter(inState("complete")),
  };
}

function agentCounts(agents: readonly Agent[]): string[] {
  const count = (state: string) => agents.filter((agent) => agent.state === state).length;
  const [available, offline] = [count("waiting"), count("offline")];
  return [
    `Agents in queue: ${agents.length}`,
    `Available:       ${available}`,
    `Busy:            ${agents.length - available - offline}`,
    `Offline:         ${offline}`,
  ];
}

const jobCounts = ({ waiting, running, completed }: JobClasses): string[] => [
  `Jobs waiting:    ${waiting.length}`,
  `Jobs running:    ${running.length}`,
  // Three blanks, unlike the others: scripts split at the colon and the blanks behind it.
  `Jobs completed:   ${completed.length}`,
];

function jobLists({ waiting, running, completed }: JobClasses): string[] {
  const list = (title: string, jobs: readonly QueuedJob[]) =>
    jobs.length === 0 ? [] : ["", `Jobs ${title}:`, ...jobs.map((job) => `  ${job.job_id ?? "?"} - ${timeOf(job)}`)];
  return [...list("Waiting", waiting), ...list("Running", running), ...list("Completed", completed)];
}

function timeOf({ created_at: created }: QueuedJob): string {
  const text = dateText(created);
  return wallClock(text)?.time ?? (text || "Unknown");
}

function report(queue: string, agents: readonly Agent[], jobs: JobClasses, verbose: boolean) {
  const entries = (list: readonly QueuedJob[]) =>
    list.map(({ job_id, created_at }) => ({ job_id: job_id ?? null, created_at: dateText(created_at) }));
  return {
    queue,
    agents: agents.map(({ name, state }) => ({ name: name ?? null, status: state ?? null })),
    jobs_waiting: entries(jobs.waiting),
    ...(verbose && { jobs_running: entries(jobs.running), jobs_completed: entries(jobs.completed) }),
  };
}
