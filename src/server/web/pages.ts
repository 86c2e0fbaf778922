import type { Role } from "../../shared/roles.ts";
import type { RequestAudit } from "../http/audit.ts";
import type { AnonymousAccess } from "../http/caller.ts";
import { errorResponse } from "../http/errors.ts";
import { PermissionDenied } from "../http/problem.ts";
import { type Input, type Route, route } from "../http/route.ts";
import { eventStream } from "../http/event-stream.ts";
import type { Logger } from "../log/logger.ts";
import { isSameOrigin } from "../sessions/same-origin.ts";
import { errorPage, unauthorizedPage } from "./errors.tsx";
import { whileSignedIn } from "./live/while-signed-in.ts";
import { readForm } from "./form.ts";
import type { Page } from "./page.ts";
import { render } from "./render.tsx";
import { callerOf, type Viewers } from "./viewer.ts";
import { actsOnLab, hasRole, seesLab, type Visit } from "./visit.ts";

export interface PagesOptions {
  /** Null: nobody logs in here. */
  viewers: Viewers | null;
  /** What may be done without a login; nothing where there are logins. */
  anonymous: AnonymousAccess;
  audit: RequestAudit;
  log: Logger;
}

interface Definition<Path extends string> {
  readonly path: Path;
  readonly id: string;
  readonly summary: string;
  /** Who may come here: everybody, or people of these roles. Absent: all who may see the lab. */
  readonly audience?: "everybody" | readonly Role[];
  /** The security event that tells of what a form has done, where no service tells. */
  readonly audit?: Route["audit"];
  /** HEAD must not do what GET does. */
  readonly noHead?: true;
}

const denied = ({ viewer }: Visit, message: string) => new PermissionDenied(viewer?.clientId ?? null, 403, message);

type Params<Path extends string> = Input<Path, unknown, unknown>["params"];

const access = { open: "pages look for the browser's session instead of a token, and refuse by a page" };

/** Makes routes of pages: access (web section 1), the common layout, and errors as pages too. */
export class Pages {
  constructor(private readonly options: PagesOptions) {}

  /** A page, or a part of one that its script asks for. */
  show<const Path extends string>(
    definition: Definition<Path>,
    make: (visit: Visit, params: Params<Path>) => Promise<Page | Response> | Page | Response,
  ): Route {
    return this.declare("GET", definition, make);
  }

  /** What the script of a page follows, as long as the viewer is signed in. */
  follow<const Path extends string>(
    definition: Definition<Path>,
    make: (visit: Visit, params: Params<Path>) => Promise<AsyncGenerator<string>> | AsyncGenerator<string>,
  ): Route {
    return this.declare("GET", { ...definition, noHead: true }, async (visit, params: Params<Path>) => {
      const events = await make(visit, params);
      return eventStream(visit.login ? whileSignedIn(events, () => this.isStillViewer(visit)) : events);
    });
  }

  /** Something that a form does. What is returned is where the browser goes next. */
  act<const Path extends string>(
    definition: Definition<Path>,
    perform: (visit: Visit, params: Params<Path>, form: URLSearchParams) => Promise<string>,
  ): Route {
    return this.declare("POST", definition, async (visit, params: Params<Path>) => {
      // Browsers send cookies, and requests to a server without login, for any page that a person happens to be on.
      if (!isSameOrigin(visit.request, visit.context))
        throw denied(visit, "This request came from another site. Open the page here and try again.");
      const location = await perform(visit, params, await readForm(visit.request));
      this.options.audit.done(definition, callerOf(visit.viewer), visit.context);
      return new Response(null, { status: 303, headers: { location } });
    });
  }

  private declare<const Path extends string>(
    method: "GET" | "POST",
    { audience, ...definition }: Definition<Path>,
    make: (visit: Visit, params: Params<Path>) => Promise<Page | Response> | Page | Response,
  ): Route {
    return route(
      { ...definition, method, tag: "Pages", access, responses: { 200: { description: "A page", body: "text/html" } } },
      ({ request, context, params }) =>
        this.answer(request, context, async (visit) => {
          if (audience !== "everybody" && !seesLab(visit)) return unauthorizedPage(visit);
          if (method === "POST" && !actsOnLab(visit)) throw denied(visit, "Without a login this server only shows.");
          if (typeof audience === "object" && !hasRole(visit, audience))
            throw denied(visit, `This page is for people of the role ${audience.join(" or ")}.`);
          return make(visit, params as Params<Path>);
        }),
    );
  }

  private async answer(
    request: Request,
    context: Visit["context"],
    make: (visit: Visit) => Promise<Page | Response>,
  ): Promise<Response> {
    const { viewers, anonymous, log } = this.options;
    const url = new URL(request.url, context.origin);
    let visit: Visit = { request, url, context, login: viewers !== null, anonymous, viewer: null, wasSignedIn: false };
    try {
      if (viewers) {
        const viewer = await viewers.of(request);
        visit = { ...visit, viewer, wasSignedIn: !viewer && viewers.hadSession(request) };
      }
      const made = await make(visit);
      return made instanceof Response ? made : render(made, visit);
    } catch (error) {
      if (error instanceof PermissionDenied) this.options.audit.denied(error, context);
      return render(await errorPage(errorResponse(error, context, log), context.requestId), visit);
    }
  }

  private async isStillViewer({ request, viewer }: Visit): Promise<boolean> {
    return (await this.options.viewers?.of(request, false))?.session === viewer?.session;
  }
}
