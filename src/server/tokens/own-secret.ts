import { invalid, Problem } from "../http/problem.ts";
import type { RequestContext } from "../http/request-context.ts";
import type { SecurityEvents } from "../log/security-events.ts";
import { SYSTEM_ADMIN } from "../permissions/system-admin.ts";
import type { LoginSessions } from "../sessions/login-sessions.ts";
import type { ClientStore } from "../store/clients.ts";
import { hashSecret, secretFault, secretMatches } from "./client-secret.ts";
import { type RandomBytes, randomText } from "./random.ts";
import type { TokenService } from "./service.ts";

/** Letters and digits: 256 bits, well below what bcrypt looks at. */
const GENERATED_LENGTH = 43;

export interface OwnSecretOptions {
  clients: Pick<ClientStore, "replaceSecret">;
  tokens: Pick<TokenService, "authenticate" | "loginFailure">;
  sessions: Pick<LoginSessions, "endAll">;
  events: SecurityEvents;
  random: RandomBytes;
}

export interface ChangedSecret {
  readonly client_id: string;
  /** Only if the server made it: told this once. */
  readonly client_secret?: string;
}

/**
 * A client gives itself another secret, so that nobody else has to know it (auth section 8, no. 23; ASVS 5.0 controls 6.2.2 and 6.2.3). Who may is
 * who has the present one: a token, which may have been stolen, is not enough.
 */
export class OwnSecret {
  constructor(private readonly options: OwnSecretOptions) {}

  /**
   * @param authorization the request's Authorization header, with the present secret
   * @param given the new secret; undefined: the server makes one
   * @throws Problem 401 as a login does, 422 for a secret that cannot be the new one
   */
  async change(
    authorization: string | null,
    given: string | undefined,
    context: RequestContext,
  ): Promise<ChangedSecret> {
    const { clients, tokens, sessions, events, random } = this.options;
    const fault = given === undefined ? undefined : secretFault(given);
    if (fault) throw invalid("json", { client_secret: [fault] });
    const { id, secretHash = "" } = await tokens.authenticate(authorization, context);
    if (id === SYSTEM_ADMIN) {
      events.emit("WARNING", "authz_admin", [id, "change_own_secret"], `${id} tried to change its secret`, context);
      throw new Problem(422, "The secret of the system administrator is changed by the operator of the server");
    }
    const secret = given ?? randomText(GENERATED_LENGTH, random);
    if (await secretMatches(secret, secretHash))
      throw invalid("json", { client_secret: ["Must differ from the present secret."] });
    // Whoever had the former secret must not undo the change that an administrator makes at this moment.
    if (!(await clients.replaceSecret(id, secretHash, await hashSecret(secret))))
      throw tokens.loginFailure(id, "the client has changed meanwhile", context);
    events.emit("INFO", "authn_password_change", [id], `Client ${id} changed its own secret`, context);
    await sessions.endAll(id, `Client ${id}`, context);
    return { client_id: id, ...(given === undefined ? { client_secret: secret } : {}) };
  }
}
