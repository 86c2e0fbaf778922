import type { FoundJob } from "../../api/jobs.ts";
import { defineCommand, type Options } from "../../grammar/command.ts";
import { isWanted, SEARCH_STATES, statesToAsk } from "../../job/search.ts";
import { chosenFormat, outputOptions, printData } from "../../output/data.ts";
import { dateText, wallClock } from "../../output/server-date.ts";
import { textTable } from "../../output/table.ts";
import type { Session } from "../../session.ts";

const args = {
  tag: { type: "string", collect: "each", description: "only jobs with this tag; repeat for more" },
  match: {
    type: "enum",
    options: ["any", "all"],
    description: "must a job have any of the tags, or all of them? any by default",
  },
  state: {
    type: "enum",
    options: SEARCH_STATES,
    collect: "each",
    description: "only jobs in this state; repeat for more, active stands for all that have not ended",
  },
  ...outputOptions,
} as const;

export default defineCommand({
  meta: { name: "search", description: "Find jobs on the server by tag and state" },
  details: "Shows the jobs of everybody, newest first. Times are as the server gives them.",
  args,
  exclusive: [["json", "output"]],
  fields: {
    job_id: "id of the job",
    job_state: "state of the job",
    created_at: "when the job was submitted, ISO 8601",
  },
  examples: [
    "testflinger search --tag nightly --state active",
    "testflinger search --tag nightly --tag arm64 --match all",
    "testflinger cancel $(testflinger search --tag mine --state active --json | jq -r '.[].job_id')",
  ],
  run,
});

export async function run(options: Options<typeof args>, { api, context }: Session): Promise<void> {
  const { tag: tags, match, state: states } = options;
  const { stdout } = context.io;
  const answer = await api.jobs.search({ tags, match, states: statesToAsk(states) });
  const found = answer.filter((job) => isWanted(job, states)).map(fieldsOf);
  found.sort((a, b) => (a.created_at < b.created_at ? 1 : a.created_at > b.created_at ? -1 : 0));
  const table = () =>
    found.length === 0
      ? "No jobs found.\n"
      : textTable(
          ["JOB ID", "STATE", "SUBMITTED"],
          found.map(({ job_id, job_state, created_at }) => [job_id, job_state, shownTime(created_at)]),
          stdout,
        );
  await printData(chosenFormat(options) ?? "table", { value: found, layout: { indent: 2 }, table }, stdout);
}

const fieldsOf = ({ job_id, job_state, created_at }: FoundJob) => ({
  job_id,
  job_state: job_state ?? null,
  created_at: dateText(created_at),
});

function shownTime(text: string): string {
  const { time, zone } = wallClock(text) ?? { time: text, zone: "" };
  return `${time} ${zone}`.trimEnd();
}
