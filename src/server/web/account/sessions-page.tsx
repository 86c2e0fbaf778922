import type { BrowserSession } from "../../store/browser-sessions.ts";
import type { LoginSession } from "../../tokens/sessions.ts";
import type { Page } from "../page.ts";
import { Time } from "../parts/time.tsx";

/** A login, wherever it is. */
export interface Login {
  readonly id: string;
  readonly place: "browser" | "command line";
  readonly begun: Date;
  readonly lastUsed: Date;
  readonly ends?: Date;
  /** Is it the one that shows the page? */
  readonly current: boolean;
}

export const loginsOf = (
  browsers: readonly (BrowserSession & { readonly current: boolean })[],
  commandLines: readonly LoginSession[],
): Login[] =>
  [
    ...browsers.map(({ id, createdAt, lastSeenAt, expiresAt, current }): Login => ({
      id,
      place: "browser",
      begun: createdAt,
      lastUsed: lastSeenAt,
      ends: expiresAt,
      current,
    })),
    ...commandLines.map(({ id, issuedAt, lastAccessed, expiresAt }): Login => ({
      id,
      place: "command line",
      begun: issuedAt,
      lastUsed: lastAccessed,
      ends: expiresAt,
      current: false,
    })),
  ].toSorted((a, b) => b.begun.getTime() - a.begun.getTime());

const Row = ({ login }: { login: Login }) => (
  <tr id={`login-${login.id}`}>
    <td data-label="Where">{login.current ? "this browser" : login.place}</td>
    <td data-label="Began At">
      <Time at={login.begun} />
    </td>
    <td data-label="Last used">
      <Time at={login.lastUsed} />
    </td>
    <td data-label="Ends At">{login.ends && <Time at={login.ends} />}</td>
    <td data-label="">
      <form method="post" action="/sessions/end">
        <input type="hidden" name="id" value={login.id} />
        <input type="hidden" name="place" value={login.place} />
        <button type="submit" class="danger">
          End<span class="visually-hidden">{` the login of ${login.begun.toISOString()}`}</span>
        </button>
      </form>
    </td>
  </tr>
);

/** The viewer's logins, each of which can be ended. */
export const sessionsPage = (logins: readonly Login[]): Page => ({
  title: "My sessions",
  content: (
    <>
      <h1>My sessions</h1>
      <p>
        End what you do not know or no longer need. A command line that was logged in stays so for at most ten minutes
        more.
      </p>
      <table class="p-table--mobile-card">
        <thead>
          <tr>
            <th scope="col">Where</th>
            <th scope="col">Began At</th>
            <th scope="col">Last used</th>
            <th scope="col">Ends At</th>
            <th scope="col">
              <span class="visually-hidden">Action</span>
            </th>
          </tr>
        </thead>
        <tbody>
          {logins.map((login) => (
            <Row login={login} />
          ))}
        </tbody>
      </table>
    </>
  ),
});
