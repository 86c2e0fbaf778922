import type { RequestContext } from "../http/request-context.ts";

export interface CookieOptions {
  /** Without its prefix. */
  name: string;
  /** Seconds for which the browser keeps it; absent: until it is closed. */
  maxAge?: number;
}

/** Values longer than this are no cookies of ours. Browsers keep 4096 bytes with name and attributes. */
export const MAX_COOKIE_VALUE = 3500;

/**
 * A cookie for this server alone: no script reads it, no other site's form sends it, and over https its `__Host-` prefix keeps other hosts of
 * the domain from setting it (RFC 6265bis section 4.1.3.2; ASVS 5.0 controls 3.3.1 to 3.3.4).
 */
export class Cookie {
  constructor(private readonly options: CookieOptions) {}

  /** The value of a `Set-Cookie` header. */
  set(value: string, context: Pick<RequestContext, "protocol">): string {
    return this.serialize(value, context, this.options.maxAge);
  }

  /** The value of a `Set-Cookie` header that takes the cookie away. */
  clear(context: Pick<RequestContext, "protocol">): string {
    return this.serialize("", context, 0);
  }

  /** The value that the browser sent. */
  read(request: Request, context: Pick<RequestContext, "protocol">): string | undefined {
    const header = request.headers.get("cookie");
    const value = header ? new Bun.CookieMap(header).get(this.nameOver(context)) : null;
    return value && value.length <= MAX_COOKIE_VALUE ? value : undefined;
  }

  private serialize(value: string, context: Pick<RequestContext, "protocol">, maxAge: number | undefined): string {
    const secure = context.protocol === "https";
    const attributes = {
      path: "/",
      httpOnly: true,
      sameSite: "lax",
      secure,
      ...(maxAge === undefined ? {} : { maxAge }),
    } as const;
    return new Bun.Cookie(this.nameOver(context), value, attributes).serialize();
  }

  /** The prefix makes browsers refuse the cookie without `Secure`, which plain http cannot have. */
  private nameOver({ protocol }: Pick<RequestContext, "protocol">): string {
    return protocol === "https" ? `__Host-${this.options.name}` : this.options.name;
  }
}
