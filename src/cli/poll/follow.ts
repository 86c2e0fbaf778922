import type { LogType, Phase } from "../../shared/phases.ts";
import { HttpError, isRequestFailure } from "../api/errors.ts";
import { CliError } from "../errors.ts";
import { cancelJob } from "../job/cancel.ts";
import { requireSuccess } from "../job/outcome.ts";
import { explainedForJob } from "../job/unknown-job.ts";
import { isLive } from "../output/live.ts";
import type { Session } from "../session.ts";
import { EventLines } from "./event-lines.ts";
import type { FollowedJob, JobEvent, Progress } from "./events.ts";
import { followedJob } from "./followed-job.ts";
import { askAboutJob, Interrupted, keyboardInterrupt } from "./interrupt.ts";
import { type EventDisplay, JobDisplay } from "./job-display.ts";
import { LogOnly } from "./log-only.ts";
import { DumbScreen, PlainScreen } from "./screen.ts";
import { StatusLine } from "./status-line.ts";
import { followEvents } from "./streaming.ts";
import { TerminalScreen } from "./terminal-screen.ts";
import { Trouble } from "./trouble.ts";

export type FollowForm = "people" | "raw" | "events";

export interface FollowOptions {
  /** `output` by default. */
  readonly logType?: LogType;
  readonly startFragment?: number;
  /** ISO 8601, as it is sent. */
  readonly startTimestamp?: string | undefined;
  /** Show this phase only, and end with it. */
  readonly phase?: Phase | undefined;
  /** End with the exit code of the phase, or of the first phase of the job that failed (W9). */
  readonly exitStatus?: boolean;
  /** No status line, also on terminals. */
  readonly quiet?: boolean;
  /** What is shown: text for people by default, the log alone, or JSON for programs. */
  readonly form?: FollowForm;
}

/**
 * Shows the log of a job until the job, or the wanted phase, has ended (command-line section 8). Used by `poll`,
 * `poll-serial`, `submit --poll` and `reserve`.
 * @throws CliError when the job cannot be found, or the person pressed Ctrl-C and did not go on
 */
export async function followJob(jobId: string, options: FollowOptions, session: Session): Promise<void> {
  const { logType = "output", startFragment = 0, startTimestamp, phase, exitStatus = false } = options;
  const { quiet = false, form = "people" } = options;
  const job = followedJob(session.api, jobId, { logType, startTimestamp, phase });
  await requireJob(jobId, session);
  const known = await firstProgress(job);
  await new Follower(jobId, job, { logType, startFragment, phase, quiet, form }, session).run(known);
  if (exitStatus) requireSuccess(await job.progress(), phase);
}

/** Asks for the job itself: the log of an unknown job would be empty, not missing. */
async function requireJob(jobId: string, { api }: Session): Promise<void> {
  let details: Readonly<Record<string, unknown>> = {};
  try {
    details = (await api.jobs.get(jobId)).value;
  } catch (error) {
    if (error instanceof HttpError) throw explainedForJob(error);
    if (!isRequestFailure(error)) throw error;
  }
  if (Object.keys(details).length === 0) throw new CliError("Job details could not be fetched.");
}

/** Where the job is before anything is shown; undefined when that cannot be had right now. */
async function firstProgress(job: FollowedJob): Promise<Progress | undefined> {
  try {
    return await job.progress();
  } catch (error) {
    if (error instanceof HttpError && [204, 400].includes(error.status)) throw explainedForJob(error);
    if (!isRequestFailure(error)) throw error;
    return undefined;
  }
}

interface FollowerOptions {
  readonly logType: LogType;
  readonly startFragment: number;
  readonly phase: Phase | undefined;
  readonly quiet: boolean;
  readonly form: FollowForm;
}

class Follower {
  private next: number;
  private recordedState: string | undefined;

  constructor(
    private readonly jobId: string,
    private readonly job: FollowedJob,
    private readonly options: FollowerOptions,
    private readonly session: Session,
  ) {
    this.next = options.startFragment;
  }

  async run(known: Progress | undefined): Promise<void> {
    const display = createDisplay(this.session.context, known?.state ?? "unknown", this.options);
    try {
      for (let start = known; !(await this.followToEnd(display, start)); start = undefined) {
        display.pause();
        await this.decide();
        display.resume();
      }
    } catch (error) {
      throw error instanceof HttpError ? explainedForJob(error) : error;
    } finally {
      display.close();
    }
  }

  /** @returns false when Ctrl-C came first */
  private async followToEnd(display: EventDisplay, known: Progress | undefined): Promise<boolean> {
    const { io, clock, random } = this.session.context;
    const interruption = new AbortController();
    const { promise: interrupted, reject } = Promise.withResolvers<never>();
    const stopListening = io.onInterrupt(() => {
      interruption.abort(new Interrupted());
      reject(interruption.signal.reason);
    });
    const { signal } = interruption;
    const trouble = new Trouble({ clock, random }, this.session.log, signal);
    const events = followEvents(
      { job: this.job, startFragment: this.next, phase: this.options.phase, clock, trouble, signal },
      known,
    );
    try {
      for (;;) {
        const { done, value: event } = await Promise.race([events.next(), interrupted]);
        if (done) return true;
        display.show(event);
        await this.note(event);
      }
    } catch (error) {
      if (error instanceof Interrupted) return false;
      throw error;
    } finally {
      stopListening();
      interrupted.catch(() => undefined);
      events.return().catch(() => undefined);
    }
  }

  private async note(event: JobEvent): Promise<void> {
    if (event.kind === "output") this.next = event.next;
    if (event.kind === "state" && event.state !== this.recordedState) {
      this.recordedState = event.state;
      await this.session.history.setState(this.jobId, event.state);
    }
    if (event.kind === "phase-ended") {
      const command = this.options.logType === "serial" ? "poll-serial" : "poll";
      this.session.context.io.stderr.write(
        `\nPhase '${event.phase}' completed with exit code: ${event.exitCode}\n` +
          `Use 'testflinger ${command} ${this.jobId} --start_fragment ${this.next}' to see what follows.\n`,
      );
    }
  }

  /** What Ctrl-C means: going on, or the end of the program. */
  private async decide(): Promise<void> {
    // A question would stand amid what a program reads.
    const { form } = this.options;
    if (form === "events" || (form === "raw" && !this.session.context.io.stdout.isTTY)) throw keyboardInterrupt();
    const answer = await askAboutJob(this.jobId, this.session.context);
    if (answer === "continue") return;
    if (answer === "cancel") await cancelJob(this.jobId, this.session);
    this.session.context.io.stdout.write(`\nNext fragment number: ${this.next}\n`);
    throw keyboardInterrupt();
  }
}

function createDisplay(
  { io: { stdout, stderr }, clock, env }: Session["context"],
  state: string,
  { quiet, form }: FollowerOptions,
): EventDisplay {
  if (form === "events") return new EventLines(stdout);
  if (form === "raw") return new LogOnly(stdout.isTTY ? new DumbScreen(stdout) : new PlainScreen(stdout));
  if (!stdout.isTTY) return new JobDisplay(new PlainScreen(stdout), clock);
  if (quiet || !isLive(stdout, env)) return new JobDisplay(new DumbScreen(stdout), clock);
  const screen = new TerminalScreen(stdout, stderr);
  return new JobDisplay(screen, clock, new StatusLine(screen, clock, state));
}
