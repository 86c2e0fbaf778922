import { DEFAULT_RESERVATION } from "../../jobs/permissions.ts";
import type { Job } from "../../store/jobs.ts";
import { LogView } from "../log/view.tsx";
import type { Page } from "../page.ts";
import { Facts } from "../parts/facts.tsx";
import { AgentLink, jobPath, QueueLink } from "../parts/links.tsx";
import { size } from "../parts/size.ts";
import { Outcome, State } from "../parts/state.tsx";
import { Tabs } from "../parts/tabs.tsx";
import { Time } from "../parts/time.tsx";
import { DefinitionSection } from "./definition-section.tsx";
import { isActive, type JobDetail } from "./detail.ts";
import { PhaseResults } from "./phase-results.tsx";
import { timeline } from "./timeline.ts";
import { TimelineSection } from "./timeline-section.tsx";
import { waitReasons } from "./wait-reasons.ts";
import { Code } from "./highlight.tsx";
import { sectionText } from "./definition.ts";
import { encoded } from "../parts/encoded.ts";

/** When the device of a job goes back that is reserved now, if it does so in time. */
function reservationEnd({ state, definition }: Job, history: JobDetail["history"]) {
  const begun = history.findLast((change) => change.state === "reserve");
  if (state !== "reserve" || begun === undefined) return null;
  const seconds = definition.reserve_data?.timeout ?? DEFAULT_RESERVATION;
  return <Time at={new Date(begun.at.getTime() + seconds * 1000)} />;
}

const Tags = ({ tags }: { tags: readonly string[] }) => (
  <>
    {tags.map((tag) => (
      <>
        <a class="tag" href={`/jobs?tag=${encoded(tag)}`}>
          {tag}
        </a>{" "}
      </>
    ))}
  </>
);

const JobFacts = ({ job, history }: JobDetail) => (
  <Facts
    facts={[
      ["Name", job.definition.name],
      ["Queue", <QueueLink name={job.definition.job_queue} />],
      [
        "State",
        <>
          <State state={job.state} />
          <Outcome status={job.status} />
        </>,
      ],
      ["Created At", <Time at={job.createdAt} />],
      ["Started At", job.startedAt && <Time at={job.startedAt} />],
      ["Ended At", job.endedAt && <Time at={job.endedAt} />],
      ["Reserved until", reservationEnd(job, history)],
      ["Agent", job.agent !== undefined && <AgentLink name={job.agent} />],
      ["Submitted by", job.submitter && <a href={`/jobs?submitter=${encoded(job.submitter)}`}>{job.submitter}</a>],
      ["Priority", job.priority !== 0 && job.priority],
      ["Tags", job.definition.tags?.length ? <Tags tags={job.definition.tags} /> : null],
      [
        "Parent job",
        job.definition.parent_job_id && (
          <a href={jobPath(job.definition.parent_job_id)}>{job.definition.parent_job_id}</a>
        ),
      ],
    ]}
  />
);

const WhyItWaits = ({ job, queue }: Pick<JobDetail, "job" | "queue">) =>
  queue === undefined ? null : (
    <div class="notification" id="why-it-waits">
      <h2>Why it waits</h2>
      <ul>
        {waitReasons({ job, ...queue }).map((reason) => (
          <li>{reason}</li>
        ))}
      </ul>
    </div>
  );

const Results = ({ job, artifact }: Pick<JobDetail, "job" | "artifact">) => {
  const device = sectionText(job.deviceInfo);
  return (
    <section id="results" data-region>
      <h2>Results</h2>
      <p>
        {artifact === null ? (
          "The job has left no artifact."
        ) : (
          <a href={`${jobPath(job.id)}/artifact`} download>
            {`Download the artifact (${size(artifact)})`}
          </a>
        )}
      </p>
      {device !== null && (
        <>
          <h3>Device</h3>
          <Code text={device} language="yaml" />
        </>
      )}
    </section>
  );
};

export interface JobPageOptions {
  readonly now: Date;
  /** May the viewer cancel it? */
  readonly cancellable: boolean;
  /** The log that is open at first. */
  readonly open: "output" | "serial";
}

/** Path of the stream of what happens to the job after what the page shows. */
function streamOf({ job, logs }: JobDetail): string {
  const places = Object.values(logs).map(({ type, window }) => `${type}=${window.next ?? ""}`);
  return `${jobPath(job.id)}/events?state=${encoded(job.state)}&${places.join("&")}`;
}

/** Everything about one job (web section 3.5). */
export const jobPage = (detail: JobDetail, { now, cancellable, open }: JobPageOptions): Page => {
  const { job, history, logs } = detail;
  const live = isActive(job);
  return {
    title: `Job - ${job.id}`,
    section: "jobs",
    live: live ? streamOf(detail) : undefined,
    content: (
      <>
        <div class="heading">
          <h1>{`Job Detail - ${job.id}`}</h1>
          {live && cancellable && (
            <a class="button danger" href={`${jobPath(job.id)}/cancel`} id="cancel">
              Cancel job …
            </a>
          )}
        </div>
        <div id="facts" data-region>
          <JobFacts {...detail} />
          <WhyItWaits {...detail} />
        </div>
        <TimelineSection stretches={timeline(job, history)} now={now} />
        <section id="logs">
          <h2>Logs</h2>
          <Tabs
            label="Logs"
            open={open}
            tabs={[
              {
                id: "output",
                title: "Output",
                content: <LogView jobId={job.id} log={logs.output} label="Output" live={live} />,
              },
              {
                id: "serial",
                title: "Serial console",
                content: <LogView jobId={job.id} log={logs.serial} label="Serial console" live={live} />,
              },
            ]}
          />
        </section>
        <PhaseResults detail={detail} />
        <Results {...detail} />
        <DefinitionSection job={job} />
      </>
    ),
  };
};
