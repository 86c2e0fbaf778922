/**
 * A stand-in for HashiCorp Vault: KV engine version 2 at `secret/` and token authentication, with Vault's status codes, bodies and
 * semantics - versions, check-and-set, deletion times that count from the writing of a version, 404 with metadata for deleted versions.
 */
export const TOKEN = "a-token";

interface Version {
  data: Record<string, unknown>;
  created: Date;
  deletedAt: Date | null;
}

interface Entry {
  versions: Map<number, Version>;
  current: number;
  deleteVersionAfter: number;
}

const errors = (status: number, ...messages: string[]): Response => Response.json({ errors: messages }, { status });

export class VaultDouble {
  readonly url = "http://vault.test:8200";
  readonly calls: string[] = [];
  /** Seconds that the token lives; 0: for ever. */
  tokenLifetime = 0;
  renewals = 0;
  /** An answer in place of the next call's. */
  next: (() => Response | Promise<Response>) | undefined;
  /** Runs before a call is served. */
  before: ((call: string) => void | Promise<void>) | undefined;
  private readonly entries = new Map<string, Entry>();

  constructor(private readonly now: () => Date) {}

  readonly fetch = async (url: string, init: RequestInit): Promise<Response> => {
    const request = new Request(url, init);
    const { pathname } = new URL(request.url);
    const call = `${request.method} ${pathname}`;
    this.calls.push(call);
    await this.before?.(call);
    const answer = this.next;
    this.next = undefined;
    if (answer) return answer();
    if (request.headers.get("x-vault-token") !== TOKEN) return errors(403, "permission denied");
    const [, kind, path] = /^\/v1\/(secret\/data|secret\/metadata|auth\/token)\/(.+)$/.exec(pathname) ?? [];
    const body = request.method === "POST" ? ((await request.json()) as Record<string, never>) : {};
    switch (`${request.method} ${kind}`) {
      case "GET secret/data":
        return this.read(decodeURIComponent(path as string));
      case "POST secret/data":
        return this.write(decodeURIComponent(path as string), body);
      case "POST secret/metadata":
        this.entry(decodeURIComponent(path as string)).deleteVersionAfter = Number.parseInt(
          body.delete_version_after ?? "0s",
          10,
        );
        return new Response(null, { status: 204 });
      case "DELETE secret/metadata":
        this.entries.delete(decodeURIComponent(path as string));
        return new Response(null, { status: 204 });
      case "GET auth/token":
        return Response.json({ data: { ttl: this.tokenLifetime, renewable: this.tokenLifetime > 0 } });
      case "POST auth/token":
        this.renewals++;
        return Response.json({ auth: { client_token: TOKEN, lease_duration: this.tokenLifetime } });
      default:
        return errors(404);
    }
  };

  /** Every value that is still kept, also in old versions. */
  keptValues(): unknown[] {
    return [...this.entries.values()].flatMap(({ versions }) => [...versions.values()].map(({ data }) => data.value));
  }

  paths(): string[] {
    return [...this.entries.keys()];
  }

  private entry(path: string): Entry {
    const entry = this.entries.get(path) ?? { versions: new Map(), current: 0, deleteVersionAfter: 0 };
    this.entries.set(path, entry);
    return entry;
  }

  private read(path: string): Response {
    const entry = this.entries.get(path);
    const version = entry?.versions.get(entry.current);
    if (!entry || !version) return errors(404);
    const metadata = {
      created_time: version.created.toISOString(),
      deletion_time: version.deletedAt?.toISOString() ?? "",
      destroyed: false,
      version: entry.current,
    };
    if (version.deletedAt && version.deletedAt <= this.now())
      return Response.json({ data: { data: null, metadata } }, { status: 404 });
    return Response.json({ data: { data: version.data, metadata } });
  }

  private write(path: string, body: { data?: Record<string, unknown>; options?: { cas?: number } }): Response {
    if (!body.data) return errors(400, "no data provided");
    const cas = body.options?.cas;
    if (cas !== undefined && cas !== (this.entries.get(path)?.current ?? 0))
      return errors(400, "check-and-set parameter did not match the current version");
    const entry = this.entry(path);
    const created = this.now();
    const deletedAt =
      entry.deleteVersionAfter > 0 ? new Date(created.getTime() + entry.deleteVersionAfter * 1000) : null;
    entry.versions.set(++entry.current, { data: body.data, created, deletedAt });
    return Response.json({ data: { created_time: created.toISOString(), version: entry.current } });
  }
}
