import type { Agent } from "../api/agents.ts";
import { HttpError } from "../api/errors.ts";
import { CliError } from "../errors.ts";
import type { Routing } from "../job-file/check.ts";
import { Pace } from "../poll/pace.ts";
import { Trouble } from "../poll/trouble.ts";
import type { Session } from "../session.ts";
import { interruptible } from "./interruptible.ts";
import { TIME_IS_UP } from "./wait.ts";
import { WaitDisplay } from "./wait-display.ts";

/** An agent in one of these states takes no job, now or when its job is done. */
const UNUSABLE: readonly (string | undefined)[] = ["offline", "maintenance"];

/**
 * Waits until an agent that may run the job is at work or waits for some (W19).
 *
 * @throws {CliError} when the queue does not exist, and with status 124 when the time is up
 */
export async function untilAgentIsUsable(routing: Routing, timeoutSeconds: number, session: Session): Promise<void> {
  const { clock, env, io } = session.context;
  const end = new AbortController();
  using display = new WaitDisplay(`an agent of ${routing.queue}`, clock, io, env);
  display.show("submit");
  const found = look(routing, session, end.signal);
  const timeIsUp = clock.sleep(timeoutSeconds * 1000, end.signal).then(() => "time is up" as const);
  try {
    const outcome = await interruptible(io, () => Promise.race([found, timeIsUp]));
    if (outcome === undefined) return;
    throw new CliError(
      `No agent of queue ${routing.queue} could take the job within ${timeoutSeconds} seconds; it was not submitted.`,
      TIME_IS_UP,
    );
  } finally {
    end.abort();
    for (const pending of [found, timeIsUp]) pending.catch(() => undefined);
  }
}

async function look({ queue, excludedAgents }: Routing, session: Session, signal: AbortSignal): Promise<undefined> {
  const { api, context, log } = session;
  const trouble = new Trouble(context, log, signal, "looking for agents");
  const pace = new Pace();
  const isUsable = ({ name, state }: Agent) =>
    !UNUSABLE.includes(state) && !excludedAgents.some((excluded) => excluded === name);
  for (;;) {
    try {
      const agents = await agentsOf(queue, api);
      trouble.over();
      if (agents.some(isUsable)) return undefined;
      await context.clock.sleep(pace.next(), signal);
    } catch (error) {
      signal.throwIfAborted();
      await trouble.waitOut(error);
    }
  }
}

async function agentsOf(queue: string, api: Session["api"]): Promise<readonly Agent[]> {
  try {
    return await api.queues.agents(queue);
  } catch (error) {
    if (error instanceof HttpError && error.status === 204) return [];
    // Not a failure that passes: the server has never heard of such a queue.
    if (error instanceof HttpError && error.status === 404) throw new CliError(error.message, 1, { cause: error });
    throw error;
  }
}
