import type { Logs } from "./logs.ts";
import { refresh } from "./refresh.ts";

/** Milliseconds before a stream that the server has refused is asked for again. */
const RETRY = 5000;

/**
 * Keeps the page up to date by one stream. Browsers grant a server few connections for all tabs together, so a tab that nobody sees has
 * none; it catches up when it is seen again.
 */
export function startLive(logs: Logs): void {
  const path = document.getElementById("main")?.dataset.live;
  if (path === undefined) return;
  let source: EventSource | undefined;
  let ended = false;

  const close = () => {
    source?.close();
    source = undefined;
  };
  const open = (first: boolean) => {
    close();
    if (ended || document.hidden) return;
    let connected = !first;
    source = new EventSource(logs.resume(path));
    // What happened while there was no stream is not told any more.
    source.addEventListener("open", () => {
      if (connected) void refresh();
      connected = true;
    });
    source.addEventListener("changed", () => void refresh());
    source.addEventListener("lines", ({ data, lastEventId }) => logs.show(JSON.parse(data), lastEventId));
    source.addEventListener("end", () => {
      ended = true;
      close();
      logs.end();
      void refresh();
    });
    // The page that says so is the right one now.
    source.addEventListener("signed-out", () => location.reload());
    source.addEventListener("error", () => {
      if (source?.readyState !== EventSource.CLOSED) return;
      // Refused: perhaps the session has ended, which the page tells when it is fetched again.
      void refresh();
      setTimeout(() => open(false), RETRY);
    });
  };

  document.addEventListener("visibilitychange", () => (document.hidden ? close() : open(false)));
  window.addEventListener("pagehide", close);
  window.addEventListener("pageshow", ({ persisted }) => {
    if (persisted) open(false);
  });
  open(true);
}
