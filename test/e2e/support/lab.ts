import { AgentApi } from "../../../scripts/demo/agent-api.ts";
import { runAgent } from "../../../scripts/demo/agent.ts";
import type { Deployment } from "./deployment.ts";
import { temporaryFolder } from "./temporary-folder.ts";

const SECRET = "a secret of the agent host";

/**
 * Puts the demo's agent beside a deployment: it runs the commands of jobs in a shell.
 *
 * @returns dispose of it before the deployment; disposing rejects with what ended the agent early
 */
export async function startLab(deployment: Deployment, queue: string): Promise<AsyncDisposable> {
  await using stack = new AsyncDisposableStack();
  const folder = stack.use(await temporaryFolder());
  await deployment.createClient("lab-1", SECRET, "agent");
  const stop = new AbortController();
  const agent = runAgent({
    api: new AgentApi(deployment.server.url, { clientId: "lab-1", secret: SECRET }, stop.signal),
    name: "lab-1",
    queues: [queue],
    workshop: folder.path,
    env: { PATH: process.env.PATH },
    signal: stop.signal,
    onJob: () => {},
  });
  stack.defer(() => agent);
  stack.defer(() => stop.abort());
  const kept = stack.move();
  return { [Symbol.asyncDispose]: () => kept.disposeAsync() };
}
