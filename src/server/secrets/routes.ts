import { refusal } from "../http/example.ts";
import { ok } from "../http/reply.ts";
import { type Access, type Route, route } from "../http/route.ts";
import { SecretBody, SecretStored } from "./schema.ts";
import type { SecretsService } from "./service.ts";

/** In the order of the reference's refusal (server-api section 6.39). */
const OWNERS: Access = { roles: ["contributor", "manager", "admin"] };

const tag = "Secrets";
const path = "/v1/secrets/:client_id/*";
const refusals = {
  400: { description: "This server keeps no secrets, or the store refuses this one" },
  401: { description: "Only logged-in clients have secrets" },
  403: { description: "The secrets are another client's" },
  422: { description: "The body or the path is not valid" },
  503: { description: "The store of secrets is not reachable" },
};

export const secretRoutes = (secrets: SecretsService): Route[] => [
  route(
    {
      method: "PUT",
      path,
      id: "putSecret",
      tag,
      access: OWNERS,
      summary: "Store a secret of the caller",
      description:
        "Jobs of the same client name the path in `test_data.secrets`; the value goes to the agent that runs the job and to nobody else. " +
        "Paths are parts of letters, digits, `-` and `_` separated by slashes.",
      body: SecretBody,
      responses: { 200: { description: "Stored", body: SecretStored }, ...refusals },
      examples: {
        "a secret for a year": {
          body: { value: "ghp_an-example" },
          answer: { status: 200, body: { expires_at: "2027-03-04T05:06:07+00:00" } },
        },
        "a secret for the next job only": {
          body: { value: "ghp_an-example", ephemeral: true },
          answer: { status: 200, body: { expires_at: null } },
        },
        "a path that is none": {
          params: { path: "ci//github-token" },
          body: { value: "ghp_an-example" },
          answer: {
            status: 422,
            body: refusal(
              "Invalid value 'ci//github-token', not a valid path. Use letters, digits, '-' and '_', in parts separated by single slashes.",
            ),
          },
        },
        "a secret of somebody else": {
          params: { client_id: "ci-weekly" },
          body: { value: "ghp_an-example" },
          answer: { status: 403, body: refusal("'ci-weekly' doesn't match authenticated client id") },
        },
      },
    },
    async ({ caller, params, body, context }) => {
      const expiresAt = await secrets.put(caller, params.client_id, params["*"], body, context);
      return { expires_at: expiresAt && pythonIsoFormat(expiresAt) };
    },
  ),
  route(
    {
      method: "DELETE",
      path,
      id: "deleteSecret",
      tag,
      access: OWNERS,
      summary: "Delete a secret of the caller",
      responses: { 200: { description: "The secret is gone, or never was", body: "text" }, ...refusals },
      examples: {
        "a secret": { answer: { status: 200, body: "OK" } },
      },
    },
    async ({ caller, params, context }) => {
      await secrets.delete(caller, params.client_id, params["*"], context);
      return ok();
    },
  ),
];

/** Microseconds unless zero, and an offset: the form that the reference's client parses (server-api section 1.6). */
const pythonIsoFormat = (date: Date): string =>
  date.toISOString().replace(/(?:\.000|(\.\d{3}))Z$/, (_, ms?: string) => `${ms ? `${ms}000` : ""}+00:00`);
