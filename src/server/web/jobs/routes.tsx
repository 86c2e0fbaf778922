import { renderToString } from "preact-render-to-string";
import { isLogType, LOG_TYPES, type LogType } from "../../../shared/phases.ts";
import { isAtLeast } from "../../../shared/roles.ts";
import { download } from "../../files/download.ts";
import { PermissionDenied, Problem } from "../../http/problem.ts";
import type { Route } from "../../http/route.ts";
import type { JobService } from "../../jobs/service.ts";
import type { Job } from "../../store/jobs.ts";
import { notFoundPage } from "../errors.tsx";
import { type FollowOptions, followJob, type Places, placesOf } from "../log/follow.tsx";
import { NumberedLines } from "../log/log-text.tsx";
import { rawLog } from "../log/raw.ts";
import type { Pages } from "../pages.ts";
import { jobPath } from "../parts/links.tsx";
import { callerOf } from "../viewer.ts";
import { actsOnLab, type Visit } from "../visit.ts";
import { cancelPage } from "./cancel-page.tsx";
import { withoutPassword } from "./definition.ts";
import { jobDetail, type JobDetailSource } from "./detail.ts";
import { jobPage } from "./detail-page.tsx";
import { filterOf } from "./filter.ts";
import { jobsPage } from "./list.tsx";

const JOBS_SHOWN = 50;

/** Lines that one request gets at most. */
const LINES_AT_ONCE = 2000;

export interface JobPagesOptions extends JobDetailSource, FollowOptions {
  readonly jobs: JobService;
  readonly now: () => Date;
}

const notFound = (id: string) =>
  notFoundPage(`Job not found: ${id}`, "It never existed, or was removed some days after its end.");

export const jobPages = (pages: Pages, options: JobPagesOptions): Route[] => [
  pages.show({ path: "/jobs", id: "showJobs", summary: "Jobs by age, with filters" }, async ({ url }) => {
    const from = url.searchParams.get("from") ?? undefined;
    return jobsPage(
      await options.store.jobs.page(filterOf(url.searchParams), { limit: JOBS_SHOWN, from }),
      url.searchParams,
    );
  }),
  pages.show({ path: "/jobs/:id", id: "showJob", summary: "A job" }, async (visit, { id }) => {
    const lines = linesIn(visit.url.searchParams);
    const detail = await jobDetail(options, id, lines);
    if (!detail) return notFound(id);
    const job = seesPassword(visit, detail.job) ? detail.job : withoutPassword(detail.job);
    const open = lines.serial !== undefined && lines.output === undefined ? "serial" : "output";
    return jobPage({ ...detail, job }, { now: options.now(), cancellable: mayCancel(visit), open });
  }),
  pages.show(
    { path: "/jobs/:id/cancel", id: "askToCancelJob", summary: "Asks before a job is cancelled" },
    async (_visit, { id }) => {
      const job = await options.store.jobs.summary(id);
      return job ? cancelPage(job) : notFound(id);
    },
  ),
  pages.act(
    { path: "/jobs/:id/cancel", id: "cancelJobOnPage", summary: "Cancels a job", audit: "sensitive_update" },
    async (visit, { id }) => {
      if (!mayCancel(visit))
        throw new PermissionDenied(visit.viewer?.clientId ?? null, 403, "Agents do not cancel jobs.");
      await options.jobs.cancel(callerOf(visit.viewer), id);
      return jobPath(id);
    },
  ),
  pages.show(
    { path: "/jobs/:id/artifact", id: "downloadArtifactOnPage", summary: "What a job has left" },
    async ({ request }, { id }) => {
      const file = await options.store.files.open(id, "artifact");
      if (!file) return notFoundPage(`Job ${id} has left no artifact`, "Agents upload it when a job ends.");
      const answer = download(request, file, "artifact.tar.gz");
      answer.headers.set("cache-control", "no-store");
      return answer;
    },
  ),
  pages.show({ path: "/jobs/:id/log/:log", id: "downloadLog", summary: "A log as a file" }, (_visit, { id, log }) =>
    rawLog(options.store.logs, id, logType(log)),
  ),
  pages.show(
    { path: "/jobs/:id/log/:log/lines", id: "getLogLines", summary: "Some lines of a log" },
    async ({ url }, { id, log }) => {
      const type = logType(log);
      const { from = 1, limit = LINES_AT_ONCE } = numbersIn(url.searchParams, ["from", "limit"]);
      const { lines } = await options.windows.from(id, type, from, Math.min(limit, LINES_AT_ONCE));
      return new Response(renderToString(<NumberedLines log={type} lines={lines} />), {
        headers: {
          "content-type": "text/html; charset=utf-8",
          "content-security-policy": "default-src 'none'; sandbox",
          "cache-control": "no-store",
        },
      });
    },
  ),
  pages.follow(
    { path: "/jobs/:id/events", id: "followJob", summary: "What happens to a job" },
    async ({ url, request }, { id }) => {
      const from = placesOf(request.headers.get("last-event-id")) ?? {
        output: NEVER,
        serial: NEVER,
        ...numbersIn(url.searchParams, LOG_TYPES),
      };
      const state = url.searchParams.get("state") ?? "";
      const events = await followJob(options, { jobId: id, from, state, signal: request.signal });
      if (!events) throw new Problem(404, `Job not found: ${id}`);
      return events;
    },
  ),
];

/** The place of a log that the page does not follow, because it shows another part of it. */
const NEVER: Places[LogType] = Number.MAX_SAFE_INTEGER;

function logType(name: string): LogType {
  if (!isLogType(name)) throw new Problem(404, `There is no log '${name}'. Use 'output' or 'serial'.`);
  return name;
}

/** Lines that the URL leads to. */
const linesIn = (parameters: URLSearchParams): Partial<Record<LogType, number>> => numbersIn(parameters, LOG_TYPES);

function numbersIn<const Name extends string>(
  parameters: URLSearchParams,
  names: readonly Name[],
): Partial<Record<Name, number>> {
  const numbers: Partial<Record<Name, number>> = {};
  for (const name of names) {
    const text = parameters.get(name) ?? "";
    if (text === "") continue;
    if (!/^\d{1,15}$/.test(text)) throw new Problem(400, `'${name}' must be a whole number, not '${text}'.`);
    numbers[name] = Number(text);
  }
  return numbers;
}

/** Where there are logins, agents are no people; without, whoever calls may do what contributors may. */
const mayCancel = (visit: Visit): boolean => actsOnLab(visit) && visit.viewer?.role !== "agent";

/** The password of a device is for those who sent it and those who run the lab. Without logins nobody can be told apart. */
const seesPassword = ({ anonymous, viewer }: Visit, job: Job): boolean =>
  anonymous === "submit" ||
  (viewer !== null && (viewer.clientId === job.submitter || isAtLeast(viewer.role, "manager")));
