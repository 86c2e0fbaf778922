import { Authenticator } from "../auth/authenticator.ts";
import { SecretKeyEndpoint } from "../auth/secret-key-endpoint.ts";
import type { Context } from "../context.ts";
import type { Log } from "../log.ts";
import { Agents } from "./agents.ts";
import { Jobs } from "./jobs.ts";
import { Permissions } from "./permissions.ts";
import { Queues } from "./queues.ts";
import { Requester } from "./requester.ts";
import { Results } from "./results.ts";
import { Secrets } from "./secrets.ts";
import { ServerInfoSource } from "./server-info.ts";
import { cleartextRefused, isCleartext, parseServerUrl, type ServerUrl } from "./server-url.ts";
import { Sessions } from "./sessions.ts";
import { Transport } from "./transport.ts";

export interface ApiSettings {
  /** URL of the server, as configured. */
  readonly server: string;
  /** Both, or they do not count (cli section 5.2). */
  readonly clientId?: string;
  readonly secretKey?: string;
  /** Refuse a server whose connection others can read. */
  readonly requireHttps?: boolean;
  /** Failed GETs in a row between two warnings. */
  readonly errorThreshold: number;
  /** Seconds without progress after which an upload is given up. */
  readonly attachmentsTimeout: number;
}

/** A Testflinger server, as one user sees it. Nothing is sent before a method is called. */
export class ApiClient {
  readonly server: ServerUrl;
  readonly info: ServerInfoSource;
  /** Who the user is, and how that is proved. */
  readonly auth: Authenticator;
  readonly jobs: Jobs;
  readonly results: Results;
  readonly agents: Agents;
  readonly queues: Queues;
  readonly permissions: Permissions;
  readonly secrets: Secrets;
  readonly sessions: Sessions;
  readonly secretKey: SecretKeyEndpoint;

  /** @throws {CliError} when the server setting is no usable URL, or one that the settings do not allow */
  constructor(context: Context, settings: ApiSettings, log: Log) {
    const server = parseServerUrl(settings.server);
    if (settings.requireHttps && isCleartext(server)) throw cleartextRefused(server);
    const transport = new Transport(context);
    this.server = server;
    this.info = new ServerInfoSource(transport, server);
    this.secretKey = new SecretKeyEndpoint(transport, server);
    this.auth = new Authenticator({ context, settings, server, transport, info: this.info, log });
    const { clock, random } = context;
    const { errorThreshold } = settings;
    const requester = new Requester({ server, transport, identity: this.auth, clock, random, log, errorThreshold });
    this.jobs = new Jobs(requester, this.info, settings.attachmentsTimeout * 1000);
    this.results = new Results(requester);
    this.agents = new Agents(requester);
    this.queues = new Queues(requester);
    this.permissions = new Permissions(requester);
    this.secrets = new Secrets(requester);
    this.sessions = new Sessions(requester);
  }
}
