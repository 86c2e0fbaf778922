import type { Visit } from "../visit.ts";
import { encoded } from "./encoded.ts";

/** Begins a login that comes back to the page. */
export function signInPath({ request, url }: Visit): string {
  const page = `${url.pathname}${url.search}`;
  return request.method !== "GET" || page === "/" ? "/auth/login" : `/auth/login?next=${encoded(page)}`;
}

/** The right side of the header on servers that people log in to. */
export const UserMenu = ({ visit, visit: { viewer } }: { visit: Visit }) =>
  viewer === null ? (
    <a class="sign-in" href={signInPath(visit)}>
      Sign In
    </a>
  ) : (
    <details class="user-menu">
      <summary>{viewer.name}</summary>
      <ul>
        <li>
          <a href={`/jobs?submitter=${encoded(viewer.clientId)}`}>My jobs</a>
        </li>
        <li>
          <a href="/sessions">My sessions</a>
        </li>
        <li>
          <form method="post" action="/auth/logout">
            <button type="submit">Sign out</button>
          </form>
        </li>
      </ul>
    </details>
  );
