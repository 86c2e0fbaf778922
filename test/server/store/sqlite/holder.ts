import { openSqliteStore } from "../../../../src/server/store/sqlite/open.ts";
import { DEFAULT_RETENTION } from "../../../../src/server/store/store.ts";

/** A server process on the directory: submits a job, says so, and stays until it is killed in the middle of an upload. */
const store = await openSqliteStore({ directory: process.argv[2]!, retention: DEFAULT_RETENTION });
await store.jobs.submit({ id: "acknowledged", createdAt: new Date(), definition: { job_queue: "q" }, priority: 0 });
async function* upload() {
  yield new Uint8Array(600_000);
  // All but the last chunk are stored by now.
  console.log("uploading");
  await new Promise(() => {});
}
await store.files.save("acknowledged", "artifact", upload(), new Date());
