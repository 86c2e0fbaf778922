import type { JobStore } from "../jobs.ts";
import type { Connection } from "./connection.ts";
import { jobHandout } from "./job-handout.ts";
import { jobListings } from "./job-listings.ts";
import { jobOverviews } from "./job-overviews.ts";
import { jobResults } from "./job-results.ts";
import { jobSubmission } from "./job-submission.ts";

/** Jobs in SQLite. */
export const jobStore = (connection: Connection): JobStore => ({
  ...jobSubmission(connection),
  ...jobHandout(connection),
  ...jobResults(connection),
  ...jobListings(connection),
  ...jobOverviews(connection),
});
