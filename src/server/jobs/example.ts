import { SAMPLE } from "../http/example.ts";

/** The job that the examples of the API description are about, as it is submitted. */
export const JOB = {
  job_id: SAMPLE.job,
  job_queue: SAMPLE.queue,
  name: "nightly wifi",
  tags: ["nightly", "wifi"],
  provision_data: { distro: "noble" },
  test_data: { test_cmds: "true" },
} as const;
