import type { ServerUrl } from "./server-url.ts";
import { arrayOf, isText, objectWith } from "./shapes.ts";
import type { Transport } from "./transport.ts";

/** What a server says about itself at `GET /v1/server` (design section 4). */
export interface ServerInfo {
  readonly name: string;
  readonly version: string;
  readonly auth: {
    /** Are requests without a token served? */
    readonly anonymous: boolean;
    /** Can people log in through an identity provider? */
    readonly oidc: boolean;
  };
  readonly features: readonly string[];
}

/** Finds out, once, what a server wants and can do. */
export class ServerInfoSource {
  #answer: Promise<ServerInfo | undefined> | undefined;

  constructor(
    private readonly transport: Transport,
    private readonly server: ServerUrl,
  ) {}

  /**
   * Undefined for a server that does not tell: the reference answers 404, a gateway in front may answer anything.
   *
   * @throws {ConnectionFailure} when there is no answer; the next call asks again
   */
  get(): Promise<ServerInfo | undefined> {
    this.#answer ??= this.#ask().catch((error: unknown) => {
      this.#answer = undefined;
      throw error;
    });
    return this.#answer;
  }

  async supports(feature: string): Promise<boolean> {
    return (await this.get())?.features.includes(feature) ?? false;
  }

  async #ask(): Promise<ServerInfo | undefined> {
    const answer = await this.transport.send({ method: "GET", url: `${this.server.base}/v1/server` });
    const body = await answer.text();
    if (answer.status !== 200) return undefined;
    try {
      const value: unknown = JSON.parse(body);
      return isServerInfo(value) ? value : undefined;
    } catch {
      return undefined;
    }
  }
}

const isBoolean = (value: unknown) => typeof value === "boolean";

const isServerInfo = objectWith<ServerInfo>({
  name: isText,
  version: isText,
  auth: objectWith({ anonymous: isBoolean, oidc: isBoolean }),
  features: arrayOf(isText),
});
