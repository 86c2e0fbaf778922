import { CliError } from "../errors.ts";

/** Nobody could be authenticated, or the wrong person was. Fatal everywhere (cli sections 5.4 to 5.8). */
export class AuthenticationError extends CliError {
  override readonly name = "AuthenticationError";
}

/** The server does not know the credentials, or was given none where it wants some. */
export const credentialsRejected = (cause?: unknown) =>
  new AuthenticationError(
    "Authentication with Testflinger server failed. Check your client id and secret key, or run 'testflinger login'.",
    1,
    { cause },
  );

/** Something between here and the server, or the server itself, does not let this user in. */
export const accessForbidden = (cause?: unknown) =>
  new AuthenticationError(
    "Authorization error received from server. Check that you are on the right network (VPN), " +
      "or ask the administrator of the server.",
    1,
    { cause },
  );

/** The stored login is worthless and has been forgotten. */
export const storedLoginRejected = () =>
  new AuthenticationError(
    "Authentication with Testflinger server failed with following reason: Invalid or expired refresh token. " +
      "Please reauthenticate with server. Run: testflinger login",
  );

export const deviceLoginFailed = (reason: string, cause?: unknown) =>
  new AuthenticationError(
    "OIDC authentication with Testflinger server failed with following reason:\n" +
      `${reason}\nPlease reauthenticate with server.`,
    1,
    { cause },
  );

/** The server does not log in through a browser of this machine, or nobody at all. */
export const noLoopbackLogin = () =>
  new AuthenticationError(
    "This server has no login through the browser of the same machine: run 'testflinger login' without --web.",
  );

/** A device login needs a person, and nobody is watching (W15). */
export const noTerminal = () =>
  new AuthenticationError(
    "The server wants a login (401) and this is not a terminal: run 'testflinger login' on one first, " +
      "or set TESTFLINGER_CLIENT_ID and TESTFLINGER_SECRET_KEY.",
  );
