import { Time, between } from "../parts/time.tsx";
import type { Stretch } from "./timeline.ts";

const WIDTH = 240;
const HEIGHT = 10;

/** Where in the whole the stretch lies. */
const Bar = ({ stretch: { from, to }, start, end }: { stretch: Stretch; start: Date; end: Date }) => {
  if (from === undefined) return null;
  const scale = WIDTH / Math.max(1, end.getTime() - start.getTime());
  const x = (from.getTime() - start.getTime()) * scale,
    width = ((to ?? end).getTime() - from.getTime()) * scale;
  return (
    <svg class="bar" viewBox={`0 0 ${WIDTH} ${HEIGHT}`} width={WIDTH} height={HEIGHT} aria-hidden="true">
      <rect class="track" x={0} y={0} width={WIDTH} height={HEIGHT} rx={2} />
      <rect x={Math.min(x, WIDTH - 2)} y={0} width={Math.max(2, width)} height={HEIGHT} rx={2} />
    </svg>
  );
};

const ExitCode = ({ code }: { code: number | undefined }) =>
  code === undefined ? null : <span class={code === 0 ? "passed" : "failed"}>{code}</span>;

/** When the job did what, for how long, and how it ended. `now`: the end of what goes on. */
export const TimelineSection = ({ stretches, now }: { stretches: readonly Stretch[]; now: Date }) => {
  const times = stretches.flatMap(({ from, to }) => (from ? [from, to ?? now] : []));
  const start = new Date(Math.min(...times.map(Number))),
    end = new Date(Math.max(...times.map(Number)));
  return (
    <section id="timeline" data-region>
      <h2>Timeline</h2>
      <table class="p-table--mobile-card">
        <thead>
          <tr>
            <th scope="col">State</th>
            <th scope="col">Began At</th>
            <th scope="col">Took</th>
            <th scope="col">Exit code</th>
            <th scope="col" class="wide-only">
              <span class="visually-hidden">Share of the whole time</span>
            </th>
          </tr>
        </thead>
        <tbody>
          {stretches.map((stretch) => (
            <tr>
              <td data-label="State">{stretch.name}</td>
              <td data-label="Began At">{stretch.from && <Time at={stretch.from} />}</td>
              <td data-label="Took">
                {stretch.from && `${between(stretch.from, stretch.to ?? now)}${stretch.to ? "" : " so far"}`}
              </td>
              <td data-label="Exit code">
                <ExitCode code={stretch.exitCode} />
              </td>
              <td class="wide-only">
                <Bar stretch={stretch} start={start} end={end} />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
};
