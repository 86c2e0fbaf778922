import { afterAll, beforeAll, expect, test } from "bun:test";
import { join } from "node:path";
import { type Client, clientHome } from "./support/client.ts";
import { type Deployment, deploy, oidcVariables } from "./support/deployment.ts";
import { identityProvider, type TestProvider } from "./support/identity-provider.ts";
import { startLab } from "./support/lab.ts";

const SECRET = "a secret of the CI system";
const JOB_ID = /job_id: ([0-9a-f-]{36})\n/;

let provider: TestProvider;
let deployment: Deployment;
let lab: AsyncDisposable;

beforeAll(async () => {
  provider = await identityProvider();
  deployment = await deploy(oidcVariables(provider.issuer, provider.clientId));
  await deployment.createClient("ci", SECRET);
  lab = await startLab(deployment, "bench");
});
afterAll(async () => {
  await lab[Symbol.asyncDispose]();
  await deployment[Symbol.asyncDispose]();
  await provider[Symbol.asyncDispose]();
});

/** Somebody whose client id and secret are in the environment. */
const someone = (): Promise<Client> =>
  clientHome(
    {
      TESTFLINGER_SERVER: deployment.proxy.url,
      TESTFLINGER_CLIENT_ID: "ci",
      TESTFLINGER_SECRET_KEY: SECRET,
    },
    deployment.server.watch,
  );

async function writeJob({ folder }: Client, commands: readonly string[]): Promise<string> {
  const script = commands.map((command) => `    ${command}\n`).join("");
  await Bun.write(join(folder, "job.yaml"), `job_queue: bench\ntest_data:\n  test_cmds: |\n${script}`);
  return "job.yaml";
}

/** A pipe on which the commands of a job wait for the test. */
async function pipeIn({ folder }: Client): Promise<{ path: string; release: () => Promise<void> }> {
  const path = join(folder, "pipe");
  expect(Bun.spawnSync(["mkfifo", path]).exitCode).toBe(0);
  return { path, release: async () => void (await Bun.spawn(["sh", "-c", `echo go > '${path}'`]).exited) };
}

test("a person logs in, submits a job, sees its output while it runs, and reads its results", async () => {
  await using home = await clientHome({ TESTFLINGER_SERVER: deployment.proxy.url }, deployment.server.watch);
  const person = provider.logInNextDevice("ada");
  const login = await home.run("login");
  await person;
  expect(login).toMatchObject({ status: 0, stdout: "Successfully authenticated as 'ada@example.com'\n" });

  const pipe = await pipeIn(home);
  const file = await writeJob(home, ["echo alpha", `read go < '${pipe.path}'`, "echo omega", "exit 7"]);

  const command = home.start("submit", "--poll", file);
  await command.stdout.shows("alpha\n");
  expect(command.stdout.text).not.toContain("omega");
  await pipe.release();
  const { status, stdout } = await command.outcome;
  expect(status).toBe(0);
  expect(stdout).toStartWith("Job submitted successfully!\njob_id: ");
  expect(stdout).toContain("alpha\nomega\n");

  const [, id = ""] = JOB_ID.exec(stdout) ?? [];
  const results = await home.run("results", id);
  expect(JSON.parse(results.stdout)).toMatchObject({
    job_state: "complete",
    setup_status: 0,
    test_status: 7,
    test_output: "alpha\nomega\n",
  });
  expect(await home.run("status", id)).toMatchObject({ status: 0, stdout: "complete\n" });
});

test("the output of a job is on the terminal as it comes, too", async () => {
  await using home = await someone();
  const pipe = await pipeIn(home);
  const command = home.startInTerminal(
    "submit",
    "--poll",
    await writeJob(home, ["echo one", `read go < '${pipe.path}'`, "echo two"]),
  );
  await command.screen.shows("one\n");
  await pipe.release();
  await command.screen.shows("two\n");
  expect(await command.status).toBe(0);
});

test("--quiet prints the id and nothing else, and poll shows what is over", async () => {
  await using home = await someone();
  const submitted = await home.run("submit", "--quiet", await writeJob(home, ["echo done and over"]));
  expect(submitted).toMatchObject({ status: 0, stderr: "" });
  expect(submitted.stdout).toMatch(/^[0-9a-f-]{36}\n$/);
  const { status, stdout } = await home.run("poll", submitted.stdout.trim());
  expect(status).toBe(0);
  expect(stdout).toContain("done and over\n");
});

test("cancelling a job that runs ends the poll of it", async () => {
  await using home = await someone();
  const pipe = await pipeIn(home);
  const file = await writeJob(home, ["echo running", `read go < '${pipe.path}'`]);
  const command = home.start("submit", "--poll", file);
  await command.stdout.shows("running\n");
  const [, id = ""] = await command.stdout.shows(JOB_ID);

  expect((await home.run("cancel", id)).status).toBe(0);
  expect((await command.outcome).status).toBe(0);
  expect(await home.run("status", id)).toMatchObject({ status: 0, stdout: "cancelled\n" });
});

test("Ctrl-C while polling asks what to do, and the job can be cancelled there", async () => {
  await using home = await someone();
  const pipe = await pipeIn(home);
  const command = home.startInTerminal(
    "submit",
    "--poll",
    await writeJob(home, ["echo running", `read go < '${pipe.path}'`]),
  );
  await command.screen.shows("running\n");
  const [, id = ""] = await command.screen.shows(JOB_ID);
  command.type("\u0003");
  await command.screen.shows("(y)es/(N)o/(c)ontinue? ");
  command.type("y\n");
  expect(await command.status).toBe(1);
  expect(await home.run("status", id)).toMatchObject({ stdout: "cancelled\n" });
});
