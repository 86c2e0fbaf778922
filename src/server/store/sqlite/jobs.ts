import type { JobStore } from "../jobs.ts";
import type { Connection } from "./connection.ts";
import { jobHandout } from "./job-handout.ts";
import { jobListings } from "./job-listings.ts";
import { jobOverviews } from "./job-overviews.ts";
import { jobResults } from "./job-results.ts";
import { jobSubmission } from "./job-submission.ts";

/** Jobs in SQLite. */
export function jobStore(connection: Connection): JobStore {
  const handout = jobHandout(connection);
  const submission = jobSubmission(connection);
  return {
    ...submission,
    ...handout,
    ...jobResults(connection),
    ...jobListings(connection),
    ...jobOverviews(connection),
    async summaryWithPosition(id) {
      const summary = await submission.summary(id);
      return summary && { summary, position: summary.state === "waiting" ? await handout.position(id) : null };
    },
  };
}
