import type { JobPage } from "../../store/jobs.ts";
import type { Page } from "../page.ts";
import { Heading } from "../parts/heading.tsx";
import { FilterForm } from "./filter-form.tsx";
import { queryWith } from "./filter.ts";
import { JobsTable } from "./table.tsx";

/** A page of the jobs that match the filters, newest first (web section 3.4). */
export const jobsPage = ({ jobs, next }: JobPage, parameters: URLSearchParams): Page => ({
  title: "Jobs",
  section: "jobs",
  live: "/events?topic=jobs",
  content: (
    <>
      <Heading text="Jobs">
        <FilterForm parameters={parameters} />
      </Heading>
      <div id="jobs" data-region>
        {jobs.length === 0 ? (
          <p class="empty">
            No job matches. <a href="/jobs">Show all jobs</a>
          </p>
        ) : (
          <JobsTable jobs={jobs} />
        )}
        <nav class="pages" aria-label="Pages of the list">
          {parameters.has("from") && <a href={`/jobs${queryWith(parameters, { from: null })}`}>Newest jobs</a>}
          {next !== undefined && (
            <a rel="next" href={`/jobs${queryWith(parameters, { from: next })}`}>
              Older jobs
            </a>
          )}
        </nav>
      </div>
    </>
  ),
});
