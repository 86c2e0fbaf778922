import type { Context } from "../context.ts";

/** Listens on a free port of this machine, which no other machine reaches. */
export const listenOnLoopback: Context["listenOnLoopback"] = (answer) => {
  const server = Bun.serve({ hostname: "127.0.0.1", port: 0, fetch: answer, development: false });
  return {
    port: server.port as number,
    // The last answer has to reach the browser.
    stop: () => server.stop(),
  };
};
