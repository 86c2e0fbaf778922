/** What an endpoint of the mock provider answers. */
export type Answer = (request: Request) => Response | Promise<Response>;

export const json =
  (body: unknown, status = 200): Answer =>
  () =>
    Response.json(body, { status });

export const oauthError = (error: unknown, status = 400): Answer =>
  json({ error, error_description: "text of the provider" }, status);

export const html =
  (status = 200): Answer =>
  () =>
    new Response("<html><script>alert(1)</script></html>", { status, headers: { "content-type": "text/html" } });

export const redirect =
  (location: string): Answer =>
  () =>
    new Response(null, { status: 302, headers: { location } });

/** Nobody listens. */
export const down: Answer = () => {
  throw new TypeError("Unable to connect. Is the computer able to access the url?");
};

const aborted = (signal: AbortSignal) =>
  new Promise<never>((_, reject) => signal.addEventListener("abort", () => reject(signal.reason)));

/** Accepts the connection and says nothing. */
export const hang: Answer = ({ signal }) => aborted(signal);

/** Sends its headers and then a body that does not end. */
export const stall: Answer = ({ signal }) => {
  const body = new ReadableStream({
    start: (controller) => controller.enqueue(new TextEncoder().encode("{")),
    pull: () => aborted(signal),
  });
  return new Response(body, { headers: { "content-type": "application/json" } });
};

/** A body without end, as fast as it is read. */
export const flood: Answer = () => {
  const chunk = new TextEncoder().encode(" ".repeat(64 * 1024));
  return new Response(new ReadableStream({ pull: (controller) => controller.enqueue(chunk) }));
};
