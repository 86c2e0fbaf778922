import { STATUS_CODES } from "node:http";
import type { Page } from "./page.ts";
import { signInPath } from "./parts/user-menu.tsx";
import type { Visit } from "./visit.ts";

const HOME = (
  <p>
    <a href="/">Go to the homepage</a>
  </p>
);

/** The page for people who have not signed in (web section 1). */
export const unauthorizedPage = (visit: Visit): Page => ({
  title: "Unauthorized",
  status: 401,
  content: (
    <>
      <h1>401 Unauthorized</h1>
      {visit.wasSignedIn && (
        <p>Your session has ended: it was not used for too long, its time is over, or it was ended.</p>
      )}
      {visit.login ? (
        <>
          <p>You need to sign in to access this page.</p>
          <p>
            <a class="button" href={signInPath(visit)}>
              Sign In
            </a>
          </p>
        </>
      ) : (
        <p>This server shows nothing without a login, and has none for browsers. Use the command line.</p>
      )}
    </>
  ),
});

/** The page for something that is not there; the heading names it. */
export const notFoundPage = (heading: string, advice: string): Page => ({
  title: "Not Found",
  status: 404,
  content: (
    <>
      <h1>{heading}</h1>
      <p>{advice}</p>
      {HOME}
    </>
  ),
});

/** An error of the API as a page: the same status and message. */
export async function errorPage(answer: Response, requestId: string): Promise<Page> {
  const name = STATUS_CODES[answer.status] ?? "Error";
  const retryAfter = answer.headers.get("retry-after");
  return {
    title: name,
    status: answer.status,
    headers: retryAfter === null ? {} : { "retry-after": retryAfter },
    content: (
      <>
        <h1>{`${answer.status} ${name}`}</h1>
        <p>{messageOf(await answer.text())}</p>
        {answer.status >= 500 && <p>If you ask for help, name the request id {requestId}.</p>}
        {HOME}
      </>
    ),
  };
}

/** Errors are an envelope, or bare text where reference clients expect it. */
function messageOf(body: string): string {
  try {
    const { message, detail } = JSON.parse(body) as { message: unknown; detail: Record<string, unknown> };
    const text = typeof message === "string" ? message : JSON.stringify(message);
    return Object.keys(detail).length > 0 ? `${text}: ${JSON.stringify(detail)}` : text;
  } catch {
    return body;
  }
}
