import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { styleText } from "node:util";
import { runAgent } from "./agent.ts";
import { AgentApi } from "./agent-api.ts";
import { runClient } from "./client.ts";
import { createHome, type Home } from "./home.ts";
import { logInDevice } from "./person.ts";
import { freePort } from "./port.ts";
import { spawnIdentityProvider } from "./provider-process.ts";
import { sampleJob } from "./sample-job.ts";
import { createAgentClient, type RunningServer, startServer } from "./server.ts";

export interface DemoOptions {
  /** Log in without a person. */
  readonly yes: boolean;
  /** End after the job. */
  readonly once: boolean;
  readonly env: Record<string, string | undefined>;
  /** Ends the demo. */
  readonly signal: AbortSignal;
}

const README = join(import.meta.dir, "..", "..", "README.md");
const OIDC_CLIENT = "testflinger";
const PERSON = "ada";
const AGENT = "demo-agent";
/** The sample job asks for it. */
const QUEUE = "demo";

const say = (text: string): void => console.log(text);
const bold = (text: string): string => styleText("bold", text);
const heading = (text: string): void => say(`\n${bold(text)}`);

/**
 * Shows Testflinger from login to results, with the programs that a person would use, and leaves no trace.
 *
 * @returns false when `signal` ended it before it was over
 * @throws Error when a step fails
 */
export async function runDemo(options: DemoOptions): Promise<boolean> {
  const ending = new AbortController();
  const signal = AbortSignal.any([options.signal, ending.signal]);
  await using cleanUp = new AsyncDisposableStack();
  cleanUp.defer(() => ending.abort());
  try {
    await perform({ ...options, signal }, cleanUp);
    return true;
  } catch (error) {
    if (!signal.aborted) throw error;
    return false;
  }
}

async function perform({ yes, once, env, signal }: DemoOptions, cleanUp: AsyncDisposableStack): Promise<void> {
  const job = sampleJob(await Bun.file(README).text());
  const port = await freePort(5000);
  const url = `http://127.0.0.1:${port}`;
  const home = await createHome({ env, serverUrl: url, browser: !yes });
  cleanUp.defer(() => home.remove());
  await mkdir(home.path("jobs"));
  await Bun.write(home.path("jobs/job.yaml"), job);

  heading("1. The parts: an identity provider, the server and an agent");
  // Other users of this machine reach the loopback address, too, and whoever logs in runs commands here as this user.
  const password = crypto.randomUUID().slice(0, 8);
  const nobody = Promise.withResolvers<never>();
  const provider = await spawnIdentityProvider(
    {
      clientId: OIDC_CLIENT,
      redirectUri: `${url}/auth/callback`,
      password,
      interval: 1,
      onDeviceAuthorization: ({ verificationUriComplete }) => {
        if (yes) logInDevice(verificationUriComplete, PERSON, password).catch(nobody.reject);
      },
    },
    home.path("identity-provider.log"),
  );
  cleanUp.defer(() => provider.stop());
  say(`Identity provider on ${provider.issuer}. In earnest this is your company's.`);
  const credentials = await createAgentClient(home, AGENT);
  const log = home.path("server.log");
  const server = await startServer({ home, port, issuer: provider.issuer, clientId: OIDC_CLIENT, log });
  cleanUp.defer(() => server.stop());
  say(`${server.greeting}, with a database of its own`);
  const submitted = Promise.withResolvers<string>();
  const agent = runAgent({
    api: new AgentApi(url, credentials, signal),
    name: AGENT,
    queues: [QUEUE],
    workshop: home.folder,
    env: home.env,
    signal,
    onJob: submitted.resolve,
  });
  say(`Agent '${AGENT}' serves the queue '${QUEUE}': it runs the commands of jobs in a shell on this machine.`);

  const end = Promise.race([nobody.promise, untilSomethingEnds(agent, server, signal)]);
  // Whoever waits for it is told; nobody may be waiting.
  end.catch(() => {});
  const show = (...words: string[]) => Promise.race([runClient(home, words, signal), end]);

  heading("2. Log in");
  say(
    yes
      ? `--yes: ${PERSON} opens the page, confirms the code and gives the password.\n`
      : `The page asks for a name, any will do, and for this password: ${bold(password)}\n`,
  );
  await show("login", ...(yes ? ["--no-browser"] : []));

  heading("3. Submit a job and watch it run");
  say(`$ cat job.yaml\n${job.trimEnd()}`);
  await show("submit", "--poll", "job.yaml");

  heading("4. Its results");
  await show("results", await submitted.promise);

  if (once) return;
  heading("What next");
  say(nextSteps(home, url, password));
  await end.catch((error: unknown) => {
    if (!signal.aborted) throw error;
  });
}

/** Rejects when the demo cannot go on. */
function untilSomethingEnds(agent: Promise<void>, server: RunningServer, signal: AbortSignal): Promise<never> {
  const aborted = new Promise<void>((resolve) => signal.addEventListener("abort", () => resolve()));
  return Promise.race([
    aborted.then(() => "The demo was stopped"),
    agent.then(() => "The agent stopped"),
    server.ended.then((status) => `The server ended with status ${status}`),
  ]).then((reason) => {
    throw new Error(reason);
  });
}

const nextSteps = (
  home: Home,
  url: string,
  password: string,
): string => `The server is on ${url} and the agent waits for jobs. In another terminal:

  export PATH=${home.path("bin")}:$PATH    # testflinger, logged in here
  cd ${home.path("jobs")}
  testflinger submit --poll job.yaml        # change the job first, if you like
  testflinger list-agents
  testflinger queue-status ${QUEUE}
  testflinger --help

In a browser: ${url} (password ${password}).
README.md tells how to connect real agents and your company's login.

Press Ctrl-C to stop and to remove everything that the demo made.`;
