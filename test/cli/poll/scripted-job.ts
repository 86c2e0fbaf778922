import { createLog } from "../../../src/cli/log.ts";
import { Trouble } from "../../../src/cli/poll/trouble.ts";
import type { Phase } from "../../../src/shared/phases.ts";
import { World } from "../support/world.ts";
import type { FollowedJob, JobEvent, LogPart, Progress, StreamEvent } from "../../../src/cli/poll/events.ts";

export const inState = (state: string, more: Partial<Progress> = {}): Progress => ({ state, exitCodes: {}, ...more });
export const nothingNew: LogPart = { text: "", last: -1, phase: undefined };
export const output = (text: string, last: number, phase: Phase = "test"): LogPart => ({ text, last, phase });

type Answers<T> = (T | Error)[];

/** A job whose server gives prepared answers; the last one of each kind is given again and again. */
export class ScriptedJob implements FollowedJob {
  /** What was asked, in order, with the time on `elapsed`. */
  readonly asked: string[] = [];

  constructor(
    private readonly answers: {
      progress?: Answers<Progress>;
      log?: Answers<LogPart>;
      position?: Answers<number | null>;
      streams?: (StreamEvent | Error)[][];
    },
    private readonly elapsed: () => number = () => 0,
  ) {}

  progress = () => this.answer("state", this.answers.progress);
  log = (from: number) => this.answer(`log ${from}`, this.answers.log);
  position = () => this.answer("position", this.answers.position);

  async stream(from: number): Promise<AsyncIterable<StreamEvent> | undefined> {
    this.note(`stream ${from}`);
    const events = this.answers.streams?.shift();
    return events && playing(events);
  }

  private async answer<T>(name: string, answers: Answers<T> = []): Promise<T> {
    this.note(name);
    const answer = answers.length > 1 ? answers.shift()! : answers[0];
    if (answer === undefined) throw new Error(`nothing prepared for ${name}`);
    if (answer instanceof Error) throw answer;
    return answer;
  }

  private note(name: string) {
    this.asked.push(`${Math.round(this.elapsed() / 1000)}s ${name}`);
  }
}

async function* playing(events: readonly (StreamEvent | Error)[]): AsyncGenerator<StreamEvent, void, undefined> {
  for (const event of events) {
    if (event instanceof Error) throw event;
    yield event;
  }
}

export async function collect(events: AsyncIterable<JobEvent>): Promise<JobEvent[]> {
  const all: JobEvent[] = [];
  for await (const event of events) all.push(event);
  return all;
}

/** How a test lets a job be followed. */
export interface FollowOptions {
  readonly known?: Progress;
  readonly phase?: Phase;
  readonly startFragment?: number;
}

/** A scripted job in a world of its own, and what following it takes besides. */
export function followingScene(answers: ConstructorParameters<typeof ScriptedJob>[0], options: FollowOptions) {
  const world = new World();
  const { clock } = world;
  const job = new ScriptedJob(answers, clock.elapsed);
  const { signal } = new AbortController();
  const trouble = new Trouble(world.context, createLog(world.context), signal);
  const { startFragment = 0, phase } = options;
  return { world, job, following: { job, startFragment, phase, clock, trouble, signal } };
}
