import { SecretRefused, SecretsUnavailable } from "./backend.ts";

/** Milliseconds for one call. */
const TIME_LIMIT = 5000;

/** The part of `fetch` that is needed. */
export type Fetch = (url: string, init: RequestInit) => Promise<Response>;

export interface VaultSettings {
  readonly url: string;
  readonly token: string;
}

/** A version of a secret as Vault keeps it. */
export interface VaultVersion {
  readonly data: Record<string, unknown>;
  readonly version: number;
}

/** The calls of HashiCorp Vault's HTTP API that secrets need: the KV engine, version 2, at its default mount, and the token's own. */
export class VaultClient {
  constructor(
    private readonly settings: VaultSettings,
    private readonly fetch: Fetch,
  ) {}

  /** The newest version; null if there is none or it was deleted. */
  async read(path: string): Promise<VaultVersion | null> {
    const answer = await this.call("GET", `secret/data/${path}`, undefined, [404]);
    const { data, metadata } = (answer ?? {}) as {
      data?: Record<string, unknown> | null;
      metadata?: { version: number };
    };
    if (!answer || !data) return null;
    if (typeof metadata?.version !== "number") throw new SecretsUnavailable("Vault's answer has no version");
    return { data, version: metadata.version };
  }

  /** Adds a version. With `after` only on top of that version; false if it is no longer the newest. */
  async write(path: string, data: Record<string, unknown>, after?: number): Promise<boolean> {
    const body = after === undefined ? { data } : { options: { cas: after }, data };
    return (await this.call("POST", `secret/data/${path}`, body, after === undefined ? [] : [400])) !== null;
  }

  /** Sets when later versions of the secret are deleted: seconds after they are written; 0 never. */
  async expireVersionsAfter(path: string, seconds: number): Promise<void> {
    await this.call("POST", `secret/metadata/${path}`, { delete_version_after: `${seconds}s` });
  }

  /** Deletes all versions. */
  async delete(path: string): Promise<void> {
    await this.call("DELETE", `secret/metadata/${path}`, undefined, [404]);
  }

  /** Seconds that the token is still valid (0: for ever), and whether that can be prolonged; null if Vault does not know it. */
  async ownToken(): Promise<{ ttl: number; renewable: boolean } | null> {
    const token = (await this.call("GET", "auth/token/lookup-self", undefined, [403])) as Record<
      string,
      unknown
    > | null;
    return token && { ttl: typeof token.ttl === "number" ? token.ttl : 0, renewable: token.renewable === true };
  }

  async renewOwnToken(): Promise<void> {
    await this.call("POST", "auth/token/renew-self", {});
  }

  /** The `data` of an answer; null for a status that is expected to mean "no". */
  private async call(method: string, path: string, body?: unknown, no: readonly number[] = []): Promise<object | null> {
    const response = await this.send(method, path, body);
    const text = await response.text().catch((cause: unknown) => {
      throw new SecretsUnavailable("Vault's answer broke off", { cause });
    });
    if (no.includes(response.status)) return null;
    if (!response.ok) throw failure(response.status, text);
    return text === "" ? {} : dataOf(text);
  }

  private async send(method: string, path: string, body: unknown): Promise<Response> {
    try {
      return await this.fetch(`${this.settings.url.replace(/\/+$/, "")}/v1/${path}`, {
        method,
        headers: { "x-vault-token": this.settings.token, "content-type": "application/json" },
        body: body === undefined ? undefined : JSON.stringify(body),
        // A redirect would carry the token to another host.
        redirect: "manual",
        signal: AbortSignal.timeout(TIME_LIMIT),
      });
    } catch (cause) {
      const { code, name } = cause as { code?: string; name: string };
      throw new SecretsUnavailable(`Vault is not reachable (${code ?? name})`, { cause });
    }
  }
}

function failure(status: number, text: string): Error {
  const reason = `Vault answered ${status}: ${text.slice(0, 200)}`;
  return [400, 401, 403, 404, 405, 413].includes(status)
    ? new SecretRefused("The secrets store refuses access to this secret", reason)
    : new SecretsUnavailable(reason);
}

function dataOf(text: string): object {
  try {
    const { data } = JSON.parse(text) as { data?: unknown };
    return typeof data === "object" && data !== null ? data : {};
  } catch (cause) {
    throw new SecretsUnavailable("Vault's answer is no JSON", { cause });
  }
}
