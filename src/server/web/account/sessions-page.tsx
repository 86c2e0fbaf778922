import type { LoginSession, SessionKind } from "../../sessions/login-sessions.ts";
import type { Page } from "../page.ts";
import { Time } from "../parts/time.tsx";

const PLACES: Readonly<Record<SessionKind, string>> = {
  browser: "browser",
  cli: "command line",
  secret: "client id and secret",
  agent: "token file of an agent",
  unknown: "command line or program",
};

const Row = ({ login }: { login: LoginSession }) => (
  <tr id={`login-${login.id}`}>
    <td data-label="Where">{login.current ? "this browser" : PLACES[login.kind]}</td>
    <td data-label="Began At">
      <Time at={login.begunAt} />
    </td>
    <td data-label="Last used">
      <Time at={login.lastUsedAt} />
    </td>
    <td data-label="From">{login.address}</td>
    <td data-label="Ends At">{login.endsAt && <Time at={login.endsAt} />}</td>
    <td data-label="">
      <form method="post" action="/sessions/end">
        <input type="hidden" name="id" value={login.id} />
        <button type="submit" class="danger">
          End<span class="visually-hidden">{` the login of ${login.begunAt.toISOString()}`}</span>
        </button>
      </form>
    </td>
  </tr>
);

/** The viewer's logins, each of which can be ended. */
export const sessionsPage = (logins: readonly LoginSession[]): Page => ({
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
            <th scope="col">From</th>
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
