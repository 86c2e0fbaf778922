import type { LogType, Phase } from "../../shared/phases.ts";
import { LOG_TYPES, PHASES } from "../../shared/phases.ts";
import type { Logger } from "../log/logger.ts";
import { assertJobId } from "../jobs/service.ts";
import type { JobResults } from "../store/jobs.ts";
import type { LogFragment } from "../store/logs.ts";
import type { Store } from "../store/store.ts";

export interface ResultServiceOptions {
  store: Pick<Store, "jobs" | "logs">;
  now: () => Date;
  log: Logger;
  onChange: (jobId: string) => void;
  /** A job of the queue may be taken again. */
  onAvailable: (queue: string) => void;
}

/** What agents report of a job and what people read of it (server-api sections 6.11 and 6.12). */
export class ResultService {
  constructor(private readonly options: ResultServiceOptions) {}

  /** Stores what an agent reports. Unknown jobs are accepted: agents would repeat any other answer for ever. */
  async report(id: string, results: JobResults): Promise<void> {
    assertJobId(id);
    const outcome = await this.options.store.jobs.report(id, results, this.options.now());
    if (!outcome) this.options.log.warn("results for an unknown job", { job_id: id });
    else if (outcome.stateChanged) await this.changed(id, outcome.state);
  }

  private async changed(id: string, state: string): Promise<void> {
    this.options.onChange(id);
    // An agent may give its job back (server-api section 4): those that wait for one are not told by anything else.
    const returned = state === "waiting" ? await this.options.store.jobs.summary(id) : null;
    if (returned) this.options.onAvailable(returned.queue);
  }

  /** State, device info, exit codes and whole logs in the reference's flat form; null for an unknown job. */
  async read(id: string): Promise<Record<string, unknown> | null> {
    assertJobId(id);
    const { jobs, logs } = this.options.store;
    const job = await jobs.find(id);
    if (!job) return null;
    const [output, serial] = await Promise.all(LOG_TYPES.map((type) => logs.read({ jobId: id, type })));
    return {
      ...job.legacyResults,
      ...flatStatus(job.status),
      ...flatLog("output", output ?? []),
      ...flatLog("serial", serial ?? []),
      ...(job.deviceInfo === undefined ? {} : { device_info: job.deviceInfo }),
      job_state: job.state,
    };
  }
}

const flatStatus = (status: Partial<Record<Phase, number>>): Record<string, number> =>
  Object.fromEntries(
    PHASES.flatMap((phase) => (status[phase] === undefined ? [] : [[`${phase}_status`, status[phase]]])),
  );

function flatLog(type: LogType, fragments: readonly LogFragment[]): Record<string, string> {
  const texts = Map.groupBy(fragments, (fragment) => fragment.phase);
  return Object.fromEntries(
    [...texts].map(([phase, parts]) => [`${phase}_${type}`, parts.map((part) => part.data).join("")]),
  );
}
