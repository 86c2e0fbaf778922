import { formsOf } from "./forms.ts";
import { credentialsIn } from "./messages.ts";

/** Where credentials must not be. */
export type Place = "log" | "metrics" | "database" | "output";

/** What may be where, and why. All else that is a credential is a leak, whatever shows it. */
const PERMITTED: readonly { readonly what: string; readonly place: Place; readonly reason: string }[] = [
  {
    what: "user_code",
    place: "output",
    reason: "the person is shown it to enter it at the provider (RFC 8628 section 3.3)",
  },
];

/** Shorter texts are no credentials that a server would accept, and are found by chance. */
const SHORTEST = 9;

/** Settings that hold credentials. */
const SECRET_SETTINGS = [
  "JWT_SIGNING_KEY",
  "OIDC_CLIENT_SECRET",
  "WEB_SECRET_KEY",
  "WEBHOOK_AUTH",
  "MONGODB_PASSWORD",
  "TESTFLINGER_SECRETS_MASTER_KEY",
  "TESTFLINGER_SECRETS_NEW_MASTER_KEY",
  "TESTFLINGER_VAULT_TOKEN",
] as const;

/**
 * Remembers every credential that comes by in a test, and tells which of them were written down somewhere: in a log, on the page of metrics, in a
 * database (ASVS 5.0 controls 16.2.5, 11.4.2 and 13.3.1). Hashes and sealed forms are what is to be there instead.
 */
export class CredentialWatch {
  /** By its text: what it is. */
  private readonly credentials = new Map<string, string>();
  private readonly permitted = new Set<string>();
  private isHarmless: (text: string) => boolean = () => false;
  private readonly logged: string[] = [];

  /** How many credentials came by. */
  get size(): number {
    return this.credentials.size;
  }

  note(what: string, text: string): void {
    if (text.length < SHORTEST || this.permitted.has(text) || this.credentials.has(text) || this.isHarmless(text))
      return;
    this.credentials.set(text, what);
  }

  /**
   * The text is found with reason, although it is used like a credential.
   *
   * @param _reason for whoever reads the test
   */
  permit(text: string, _reason: string): void {
    this.permitted.add(text);
  }

  /**
   * From now on such texts may be found.
   *
   * @param _reason for whoever reads the test
   */
  permitAll(isHarmless: (text: string) => boolean, _reason: string): void {
    this.isHarmless = isHarmless;
  }

  /**
   * Credentials of this kind are found with reason.
   *
   * @param _reason for whoever reads the test
   */
  permitKind(what: string, _reason: string): void {
    for (const [text, kind] of this.credentials) if (kind === what) this.credentials.delete(text);
  }

  knows(text: string): boolean {
    return this.credentials.has(text);
  }

  /** Notes the credentials in requests and answers. */
  reads(messages: string): void {
    for (const [what, text] of credentialsIn(messages)) this.note(what, text);
  }

  /** Notes what a server is configured with. */
  configured(env: Readonly<Record<string, string | undefined>>): void {
    for (const name of SECRET_SETTINGS) this.note(name, env[name] ?? "");
    for (const key of (env.JWT_SIGNING_KEYS ?? "").split(/[\s,]+/)) this.note("JWT_SIGNING_KEYS", key);
  }

  /** A line that was logged; it is looked through at the end. */
  readonly log = (line: string): void => void this.logged.push(line);

  /** Throws an Error that names every credential in what was logged or is given. */
  assertSafe(texts: Partial<Record<Place, string | Buffer>> = {}): void {
    const found = this.leaks(texts);
    if (found.length > 0) throw new Error(`Credentials were written down:\n${found.join("\n")}`);
  }

  /** Every credential in what was logged or is given, each in a line. */
  leaks(texts: Partial<Record<Place, string | Buffer>> = {}): string[] {
    return [
      ...this.leaksIn("log", this.logged.join("\n")),
      ...Object.entries(texts).flatMap(([place, text]) => this.leaksIn(place as Place, text)),
    ];
  }

  private leaksIn(place: Place, text: string | Buffer): string[] {
    if (text.length === 0) return [];
    const bytes = Buffer.from(text as string);
    return [...this.credentials].flatMap(([credential, what]) => {
      if (PERMITTED.some((permitted) => permitted.what === what && permitted.place === place)) return [];
      const form = formsOf(credential).find((one) => bytes.includes(one));
      if (form === undefined) return [];
      const at = bytes.indexOf(form);
      const around = bytes.toString("latin1", Math.max(0, at - 60), at + form.length + 20);
      return [`${what} '${credential}' in the ${place}, as ${JSON.stringify(around)}`];
    });
  }
}
