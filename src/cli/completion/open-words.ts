import { resolve } from "node:path";
import { parseServerUrl } from "../api/server-url.ts";
import { configFileIn, configHome, historyFileIn } from "../config/paths.ts";
import { loadSettings } from "../config/settings.ts";
import type { Context } from "../context.ts";
import type { Completion, Entry } from "../grammar/command.ts";
import { JobHistory } from "../history/history.ts";
import { commandNames, type Offer, type ProgramValues } from "./expected.ts";
import { filesFrom } from "./files.ts";
import { NameCache, type Names } from "./name-cache.ts";

async function topicNames(): Promise<Offer[]> {
  const { TOPICS } = await import("../commands/help/topics.ts");
  return Object.entries(TOPICS).map(([text, { summary }]) => ({ text, description: summary }));
}

const SILENT = { error: () => undefined, warning: () => undefined, debug: () => undefined };

/** Words that only this machine knows: what was submitted from here, what the server told earlier, files. */
export class OpenWords {
  constructor(
    private readonly context: Pick<Context, "clock" | "cwd" | "env">,
    private readonly commands: Readonly<Record<string, Entry>>,
    private readonly program: ProgramValues,
  ) {}

  async beginningWith(prefix: string, from: Completion): Promise<Offer[]> {
    const words = await this.#from(from, prefix);
    return words.filter(({ text }) => text.startsWith(prefix));
  }

  async #from(kind: Completion, prefix: string): Promise<readonly Offer[]> {
    switch (kind) {
      case "job":
        return this.#jobs();
      case "queue":
        return this.#queues();
      case "agent":
        return (await this.#names()).agents.map((text) => ({ text }));
      case "help-topic":
        return [...commandNames(this.commands), ...(await topicNames())];
      default:
        return filesFrom(prefix, kind, this.context.cwd).map((text) => ({ text }));
    }
  }

  async #queues(): Promise<Offer[]> {
    const { advertised, served } = await this.#names();
    return [...new Set([...advertised, ...served])].map((text) => ({ text }));
  }

  async #jobs(): Promise<Offer[]> {
    const { clock, env } = this.context;
    const jobs = await new JobHistory(historyFileIn(configHome(env)), clock, SILENT).jobs();
    return jobs.map(({ id, queue, state }) => ({ text: id, description: `${queue}, ${state}` }));
  }

  /** Of the server that the line names, or that is configured. */
  #names(): Promise<Names> {
    const { cwd, env } = this.context;
    const { configfile, server } = this.program;
    const configFile = configfile ? resolve(cwd, configfile) : configFileIn(configHome(env));
    const settings = loadSettings({ options: { server }, configFile, env });
    return new NameCache(env, parseServerUrl(settings.server)).read();
  }
}
