import type { JobSummary } from "../../store/jobs.ts";
import type { Page } from "../page.ts";
import { Facts } from "../parts/facts.tsx";
import { jobPath, QueueLink } from "../parts/links.tsx";
import { State } from "../parts/state.tsx";

/** Asks before a job is cancelled. A page of its own works without script, and with it nothing is cancelled by a slip. */
export const cancelPage = (job: JobSummary): Page => ({
  title: "Cancel job",
  section: "jobs",
  content: (
    <>
      <h1>Cancel this job?</h1>
      <Facts
        facts={[
          ["Job ID", <a href={jobPath(job.id)}>{job.id}</a>],
          ["Queue", <QueueLink name={job.queue} />],
          ["State", <State state={job.state} />],
          ["Submitted by", job.submitter],
        ]}
      />
      <p>A job that runs is stopped by its agent within some seconds; provisioning is not interrupted.</p>
      <form method="post" action={`${jobPath(job.id)}/cancel`} class="buttons">
        <button type="submit" class="danger">
          Cancel the job
        </button>
        <a class="button" href={jobPath(job.id)}>
          Keep it
        </a>
      </form>
    </>
  ),
});
