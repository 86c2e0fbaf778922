import type { LogType, Phase } from "../../../shared/phases.ts";
import type { PhaseExtent } from "../../store/logs.ts";
import { size } from "../parts/size.ts";
import { lineLink, NumberedLines } from "./log-text.tsx";
import type { LogWindow } from "./windows.ts";
import { encoded } from "../parts/encoded.ts";

/** Lines that are shown at first, and that are fetched at once. */
export const WINDOW = 500;

/** Lines above the one that a link leads to. */
const CONTEXT = 10;

/** The first line to show for a link to a line. */
export const windowStart = (line: number): number => Math.max(1, line - CONTEXT);

/** A log of a job as its page shows it. */
export interface ShownLog {
  readonly type: LogType;
  readonly window: LogWindow;
  /** Parts by phase; together they are the whole log. */
  readonly phases: readonly PhaseExtent[];
}

/** The part of a log that a phase wrote, by line numbers. */
export interface PhaseLines {
  readonly phase: Phase;
  readonly first: number;
  /** Line ends within. */
  readonly count: number;
}

export function phaseLines(phases: readonly PhaseExtent[]): PhaseLines[] {
  let before = 0;
  return phases.map(({ phase, lines }) => {
    const first = before + 1;
    before += lines;
    return { phase, first, count: lines };
  });
}

const total = (phases: readonly PhaseExtent[], part: "lines" | "bytes"): number =>
  phases.reduce((sum, extent) => sum + extent[part], 0);

export interface LogViewProps {
  readonly jobId: string;
  readonly log: ShownLog;
  readonly label: string;
  /** May more come? */
  readonly live: boolean;
}

/** The end of a log, or a part of it around a line; the rest is fetched when it is asked for. */
export const LogView = ({ jobId, log: { type, window, phases }, label, live }: LogViewProps) => {
  const { lines, next } = window;
  const path = `/jobs/${encoded(jobId)}/log/${type}`;
  const first = lines[0]?.number ?? 1,
    last = lines.at(-1)?.number ?? 0;
  const atEnd = next !== undefined;
  return (
    <div
      class="log"
      data-log={type}
      data-source={`${path}/lines`}
      data-window={WINDOW}
      data-live={live && atEnd ? "" : undefined}
    >
      <div class="log-bar">
        <p>{`${total(phases, "lines")} lines, ${size(total(phases, "bytes"))}`}</p>
        {phaseLines(phases).map(({ phase, first: line }) => (
          <a href={lineLink(type, line)}>{phase}</a>
        ))}
        <a href={path} download>
          Raw
        </a>
        {live && atEnd && (
          <label class="follow needs-script">
            <input type="checkbox" data-follow checked /> Follow
          </label>
        )}
      </div>
      <a
        class="log-earlier"
        rel="prev"
        hidden={first <= 1}
        href={lineLink(type, Math.max(1, first - WINDOW + CONTEXT))}
        data-earlier
      >
        Earlier lines
      </a>
      <div class="log-lines" role="region" aria-label={label} tabIndex={0} data-lines>
        <NumberedLines log={type} lines={lines} />
      </div>
      <a class="log-later" rel="next" hidden={atEnd || lines.length === 0} href={lineLink(type, last + 1)} data-later>
        Later lines
      </a>
      {lines.length === 0 && <p class="empty">{live ? "Nothing yet." : "Nothing."}</p>}
    </div>
  );
};
