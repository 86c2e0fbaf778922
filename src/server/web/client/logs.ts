import { LogView } from "./log-view.ts";

/** Lines of a log as the server tells them. */
interface Told {
  readonly log: string;
  /** Number of the first of them. */
  readonly first: number;
  /** Made by the server, which escapes what devices have written. */
  readonly html: string;
}

/** The logs of a job's page. */
export interface Logs {
  /** The path of the stream, from the place that the page has reached. */
  resume(path: string): string;
  show(lines: Told, place: string): void;
  /** Nothing more comes. */
  end(): void;
}

export function startLogs(): Logs {
  const views = new Map(
    [...document.querySelectorAll<HTMLElement>("[data-log]")].map((element) => [
      element.dataset.log,
      new LogView(element),
    ]),
  );
  let place: string | undefined;
  return {
    resume(path) {
      const [output, serial] = place?.split(".") ?? [];
      if (output === undefined || serial === undefined) return path;
      const url = new URL(path, location.href);
      url.searchParams.set("output", output);
      url.searchParams.set("serial", serial);
      return url.href;
    },
    show({ log, first, html }, id) {
      place = id;
      views.get(log)?.show(first, html);
    },
    end() {
      for (const view of views.values()) view.end();
    },
  };
}
