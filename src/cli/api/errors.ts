import { CliError } from "../errors.ts";

/** The server answered with something other than 200 (cli section 4.2). */
export class HttpError extends CliError {
  override readonly name = "HttpError";

  constructor(
    readonly status: number,
    message: string,
    /** The answer as it came. */
    readonly body: string,
  ) {
    super(message);
  }
}

/** Did a command end because the server did not know, or not accept, who the user is? */
export function isUnauthorized(error: unknown): boolean {
  if (error instanceof HttpError) return error.status === 401;
  return error instanceof Error && isUnauthorized(error.cause);
}

/** A 403 that is not JSON: the page that stands in front of a server for everyone outside the VPN. Fatal everywhere. */
export class VpnError extends CliError {
  override readonly name = "VpnError";

  constructor() {
    super(
      "403 Forbidden Error: Server access requires a VPN connection.\n" +
        "Please make sure you are connected to the VPN and try again.",
    );
  }
}

/** A changing request (POST, PUT, DELETE) or an authentication that got no answer. Fatal everywhere (cli section 4.3). */
export class NetworkError extends CliError {
  override readonly name = "NetworkError";
}

/** A request without an answer that the command itself may cope with: every GET, and uploads and downloads. */
export class ConnectionFailure extends CliError {
  override readonly name = "ConnectionFailure";

  constructor(
    message: string,
    readonly kind: "connection" | "timeout",
    options?: ErrorOptions,
  ) {
    super(message, 1, options);
  }
}

/** A 200 answer that is not what the endpoint promises: no JSON, or JSON of another shape. */
export class UnexpectedAnswer extends CliError {
  override readonly name = "UnexpectedAnswer";
}

/** Did a request come to nothing in a way that a command may explain in its own words? */
export function isRequestFailure(error: unknown): error is HttpError | ConnectionFailure | UnexpectedAnswer {
  return error instanceof HttpError || error instanceof ConnectionFailure || error instanceof UnexpectedAnswer;
}
