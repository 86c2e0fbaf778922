import { PHASES, type Phase } from "../../../shared/phases.ts";
import type { Job } from "../../store/jobs.ts";
import type { Line } from "../log/lines.ts";
import { LogText, lineLink, NumberedLines } from "../log/log-text.tsx";
import { phaseLines } from "../log/view.tsx";
import { Tabs } from "../parts/tabs.tsx";
import type { JobDetail } from "./detail.ts";

interface Result {
  readonly phase: Phase;
  /** Absent: the phase has not ended. */
  readonly status?: number;
  readonly lines: readonly Line[];
  /** Results of very old databases, which are one text. */
  readonly legacyOutput?: string;
  /** The first line of its output in the whole log. */
  readonly first?: number;
  readonly count: number;
}

/** Lines of old results that are shown: they cannot be fetched in parts. */
const LEGACY_LINES = 1000;

function resultsOf({ job, logs, outputs }: JobDetail): Result[] {
  const extents = new Map(phaseLines(logs.output.phases).map((extent) => [extent.phase, extent]));
  return PHASES.map((phase): Result => {
    const extent = extents.get(phase);
    return {
      phase,
      status: job.status[phase] ?? legacy(job, `${phase}_status`, "number"),
      legacyOutput: legacy(job, `${phase}_output`, "string"),
      lines: outputs.get(phase) ?? [],
      first: extent?.first,
      count: extent?.count ?? 0,
    };
  }).filter(
    ({ status, lines, legacyOutput }) => status !== undefined || lines.length > 0 || legacyOutput !== undefined,
  );
}

function legacy<T extends "number" | "string">(
  { legacyResults }: Job,
  name: string,
  type: T,
): (T extends "number" ? number : string) | undefined {
  const value = legacyResults?.[name];
  // oxlint-disable-next-line valid-typeof -- the type is one of two words
  return typeof value === type ? (value as never) : undefined;
}

const Title = ({ phase, status }: Result) => (
  <>
    {phaseName(phase)}
    {status !== undefined && (
      <span class={status === 0 ? "passed" : "failed"}>
        <span aria-hidden="true">{status === 0 ? " ✓" : " ✗"}</span>
        <span class="visually-hidden">{status === 0 ? " succeeded" : " failed"}</span>
      </span>
    )}
  </>
);

const phaseName = (phase: Phase): string =>
  phase
    .split("_")
    .map((word) => word.charAt(0).toUpperCase() + word.slice(1))
    .join(" ");

const Panel = ({ result: { phase, status, lines, legacyOutput, first, count } }: { result: Result }) => (
  <>
    {status === undefined ? (
      <p class="notification">It has not ended.</p>
    ) : (
      <p class={`notification ${status === 0 ? "positive" : "negative"}`}>
        <span class="label">Exit Status:</span> {status}
      </p>
    )}
    {legacyOutput !== undefined && (
      <LogText label={`Output of ${phase}`} lines={legacyOutput.split("\n").slice(-LEGACY_LINES)} />
    )}
    {lines.length > 0 && (
      <div class="log">
        {first !== undefined && count > lines.length && (
          <p>
            <a href={lineLink("output", first)}>{`All ${count} lines of this phase`}</a>
          </p>
        )}
        <div class="log-lines" role="region" aria-label={`Output of ${phase}`} tabIndex={0}>
          <NumberedLines log="output" lines={lines} anchors={false} />
        </div>
      </div>
    )}
  </>
);

/** How the phases ended and the last that they printed (web section 3.5), also of those that the reference never shows. */
export const PhaseResults = ({ detail }: { detail: JobDetail }) => {
  const results = resultsOf(detail);
  return (
    <section id="phase-results" data-region>
      <h2>Phase Results</h2>
      {results.length === 0 ? (
        <p class="empty">No phase has begun.</p>
      ) : (
        <Tabs
          label="Phases"
          tabs={results.map((result) => ({
            id: `phase-${result.phase}`,
            title: <Title {...result} />,
            content: <Panel result={result} />,
          }))}
        />
      )}
    </section>
  );
};
