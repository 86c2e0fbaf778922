import { VERSION } from "../../shared/version.ts";
import { fields, flag, list, text } from "../../shared/wire.ts";
import type { AnonymousAccess } from "../http/caller.ts";
import { json, text as plain } from "../http/reply.ts";
import { type Route, route } from "../http/route.ts";

/** Additions to the reference's API that clients may look for (design section 4). */
export const FEATURES = [
  "job-state",
  "job-wait",
  "log-stream",
  "device-pkce",
  "sessions",
  "refresh-rotation",
  "resumable-upload",
  "child-jobs",
  "own-secret",
] as const;

/** Those that only a server has where people log in. */
export const LOGIN_FEATURES = ["loopback-login"] as const;

const ServerInfo = fields(
  {
    name: text({ description: "`testflinger`" }),
    version: text({ description: "Version of the server" }),
    auth: fields({
      anonymous: flag({ description: "May callers without a token act as contributors?" }),
      oidc: flag({ description: "Can people log in through an identity provider?" }),
    }),
    features: list(text(), { description: "Additions that this server has" }),
  },
  { title: "ServerInfo" },
);

const Health = fields(
  {
    status: text({ description: "`ok`, or `not ready`" }),
    problems: list(text(), { description: "What is not ready" }),
  },
  { title: "Health" },
);

export interface InfoOptions {
  oidc: boolean;
  anonymous: AnonymousAccess;
  /** What keeps the server from serving; empty when it is ready. */
  problems: () => Promise<string[]>;
}

const tag = "Server";

export const infoRoutes = ({ oidc, anonymous, problems }: InfoOptions): Route[] => [
  route(
    {
      method: "GET",
      path: "/v1",
      id: "getRoot",
      tag,
      access: { open: "health probes of agents and deployments" },
      summary: "Name and version of the server",
      responses: { 200: { description: "`Testflinger Server v…`", body: "text" } },
      examples: {
        "the server tells its version": { answer: { status: 200, body: `Testflinger Server v${VERSION}` } },
      },
    },
    () => plain(`Testflinger Server v${VERSION}`),
  ),
  route(
    {
      method: "GET",
      path: "/v1/server",
      id: "getServer",
      tag,
      access: { open: "clients learn here whether and how to log in" },
      summary: "What this server wants and can do",
      description: "Absent on servers that know only the original API.",
      responses: { 200: { description: "The server", body: ServerInfo } },
      examples: {
        "people log in through a provider": {
          answer: {
            status: 200,
            body: {
              name: "testflinger",
              version: VERSION,
              auth: { anonymous: false, oidc: true },
              features: [...FEATURES, ...LOGIN_FEATURES],
            },
          },
        },
      },
    },
    () => ({
      name: "testflinger",
      version: VERSION,
      auth: { anonymous: anonymous === "submit", oidc },
      features: [...FEATURES, ...(oidc ? LOGIN_FEATURES : [])],
    }),
  ),
  route(
    {
      method: "GET",
      path: "/healthz",
      id: "getHealth",
      tag,
      access: { open: "liveness probe; tells nothing but that the process answers" },
      summary: "Is the process alive?",
      responses: { 200: { description: "It is", body: Health } },
      examples: {
        "the process is alive": { answer: { status: 200, body: { status: "ok", problems: [] } } },
      },
    },
    () => ({ status: "ok", problems: [] }),
  ),
  route(
    {
      method: "GET",
      path: "/readyz",
      id: "getReadiness",
      tag,
      access: { open: "readiness probe; names parts of the server, no addresses" },
      summary: "Can the server serve?",
      responses: {
        200: { description: "It can", body: Health },
        503: { description: "It cannot; `problems` says why", body: Health },
      },
      examples: {
        "all is well": { answer: { status: 200, body: { status: "ok", problems: [] } } },
      },
    },
    async () => {
      const found = await problems();
      return found.length ? json({ status: "not ready", problems: found }, 503) : { status: "ok", problems: [] };
    },
  ),
];
