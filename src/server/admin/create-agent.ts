import { hashSecret } from "../tokens/client-secret.ts";
import { REFRESH_TOKEN_LENGTH } from "../tokens/issuer.ts";
import { randomText } from "../tokens/random.ts";
import { jsonText, printable } from "./client-record.ts";
import { type Operator, Refusal, UsageError } from "./operator.ts";
import { agentPatterns, newClientName, readWords } from "./options.ts";
import { GENERATED_LENGTH } from "./secret.ts";

const DAY = 86_400_000;

/** Days that the token of an agent lives: nobody sits beside it to log in again. */
const DEFAULT_DAYS = 365;

const options = {
  "allowed-agent": { type: "string", multiple: true },
  "token-file": { type: "string" },
  "token-days": { type: "string" },
  renew: { type: "boolean" },
  json: { type: "boolean" },
} as const;

/**
 * `create-agent NAME`: an account that acts as one agent, with a token file of the form that agents of the reference read: JSON with the refresh
 * token and when it was obtained.
 */
export async function createAgent(args: readonly string[], operator: Operator): Promise<void> {
  const { values, positionals } = readWords(args, options);
  const id = newClientName(positionals);
  const days = wholeDays(values["token-days"]);
  const file = values["token-file"] ?? `${id}.refresh_token`;
  const agents = agentPatterns(values["allowed-agent"]) ?? [id];
  const isRenewal = values.renew ?? false;
  const expiresAt = new Date(operator.now().getTime() + days * DAY);
  let secret: string | undefined;
  // The file first: an account without its token would be of no use.
  await operator.files.write(file, isRenewal, async () => {
    if (isRenewal) await assertRenewable(id, values["allowed-agent"], operator);
    else secret = await created(id, agents, operator);
    return newToken(id, expiresAt, operator);
  });
  report({ id, agents, file, expiresAt, secret }, values.json ?? false, operator);
}

async function newToken(id: string, expiresAt: Date, { store, random, now }: Operator): Promise<string> {
  const refresh_token = randomText(REFRESH_TOKEN_LENGTH, random);
  const issuedAt = now();
  await store.refreshTokens.add(refresh_token, { clientId: id, issuedAt, expiresAt, kind: "agent" });
  return jsonText({ refresh_token, obtained_at: issuedAt.toISOString().replace("Z", "+00:00") });
}

async function created(id: string, agents: string[], operator: Operator): Promise<string> {
  const { clients } = operator.store;
  const secret = randomText(GENERATED_LENGTH, operator.random);
  const account = {
    id,
    secretHash: await hashSecret(secret),
    permissions: { role: "agent", allowed_agents: agents },
    createdAt: operator.now(),
  };
  if (!(await clients.create(account)))
    throw new Refusal(`client '${printable(id)}' exists already; --renew makes another token for it`);
  operator.events.emit(
    "WARNING",
    "user_created",
    [operator.name, id, "role=agent", "allowed_agents"],
    `Operator ${operator.name} created agent ${id}, which may act as: ${agents.join(", ")}`,
  );
  return secret;
}

/** Another token; earlier ones and the secret stay as they are. */
async function assertRenewable(
  id: string,
  agents: string[] | undefined,
  { store, events, name }: Operator,
): Promise<void> {
  if (agents) throw new UsageError("--renew changes no agents: use set-permissions --allowed-agent");
  const client = await store.clients.find(id);
  if (client?.permissions.role !== "agent") throw new Refusal(`there is no agent '${printable(id)}'`);
  events.emit("INFO", "authn_token_created", [id, "agent"], `Operator ${name} made a token for agent ${id}`);
}

interface Outcome {
  readonly id: string;
  readonly agents: readonly string[];
  readonly file: string;
  readonly expiresAt: Date;
  /** Of a new account. */
  readonly secret: string | undefined;
}

function report({ id, agents, file, expiresAt, secret }: Outcome, asJson: boolean, { terminal }: Operator): void {
  if (asJson) {
    const account = secret === undefined ? {} : { role: "agent", allowed_agents: agents, client_secret: secret };
    terminal.print(jsonText({ client_id: id, ...account, token_file: file, expires_at: expiresAt.toISOString() }));
    return;
  }
  if (secret !== undefined) terminal.print(`Created agent '${id}', which may act as: ${agents.join(", ")}\n`);
  terminal.print(`Its refresh token is in ${printable(file)} until ${expiresAt.toISOString().slice(0, 10)}.\n`);
  if (secret !== undefined) terminal.print(`Its secret, shown only this once: ${secret}\n`);
}

function wholeDays(text: string | undefined): number {
  if (text === undefined) return DEFAULT_DAYS;
  const days = /^\d{1,4}$/.test(text) ? Number(text) : 0;
  if (days < 1 || days > 3650) throw new UsageError(`--token-days: '${text}' is not a whole number from 1 to 3650`);
  return days;
}
