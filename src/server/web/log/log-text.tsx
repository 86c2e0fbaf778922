import type { LogType } from "../../../shared/phases.ts";
import type { Line } from "./lines.ts";
import { type Run, Terminal } from "./terminal.ts";

const Text = ({ runs }: { runs: readonly Run[] }) => (
  <span class="text">
    {runs.map(({ text, classes }) => (classes === "" ? text : <span class={classes}>{text}</span>))}
  </span>
);

/** A few lines that are shown whole. */
export const LogText = ({ label, lines }: { label: string; lines: readonly string[] }) => {
  const terminal = new Terminal();
  return (
    <div class="log-lines" role="region" aria-label={label} tabIndex={0}>
      {lines.map((line) => (
        <div class="line">
          <Text runs={terminal.line(line)} />
        </div>
      ))}
    </div>
  );
};

const idOf = (log: LogType, line: number): string => `${log}-${line}`;

/** Query and fragment that open a log at a line and mark it. */
export const lineLink = (log: LogType, line: number): string => `?${log}=${line}#${idOf(log, line)}`;

export interface NumberedLinesProps {
  readonly log: LogType;
  readonly lines: readonly Line[];
  /** Colours go on from line to line, also over several calls. */
  readonly terminal?: Terminal;
  /** False where the same lines stand elsewhere on the page. */
  readonly anchors?: boolean;
}

/** Lines with their numbers, which are links to them. */
export const NumberedLines = ({ log, lines, terminal = new Terminal(), anchors = true }: NumberedLinesProps) => (
  <>
    {lines.map(({ number, text, omitted, open }) => (
      <div class="line" id={anchors ? idOf(log, number) : undefined} data-line={number}>
        <a class="number" href={lineLink(log, number)} aria-label={`Line ${number}`}>
          {number}
        </a>
        <Text runs={terminal.line(text, open)} />
        {omitted > 0 && <span class="omitted">{` … ${omitted} more characters: see the raw log`}</span>}
      </div>
    ))}
  </>
);
