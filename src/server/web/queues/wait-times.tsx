import { percentiles } from "../../queues/percentiles.ts";
import { clock } from "../parts/time.tsx";

const WIDTH = 320;
/** As high as the rows of the table beside it. */
const BAR = 16;
const GAP = 21;

/** Bars of the percentiles, the longest over the whole width. The numbers stand in the table beside it. */
const Chart = ({ values }: { values: readonly number[] }) => {
  const longest = Math.max(...values, 1);
  const height = values.length * (BAR + GAP);
  return (
    <svg class="chart" viewBox={`0 0 ${WIDTH} ${height}`} width={WIDTH} height={height} aria-hidden="true">
      {values.map((value, index) => (
        <rect
          x={0}
          y={index * (BAR + GAP) + GAP / 2}
          width={Math.max(2, (WIDTH * value) / longest)}
          height={BAR}
          rx={2}
        />
      ))}
    </svg>
  );
};

/** How long jobs waited in the queue; empty without samples. */
export const WaitTimes = ({ samples }: { samples: readonly number[] }) => {
  const rows = Object.entries(percentiles(samples));
  return (
    <div class="columns">
      <table>
        <thead>
          <tr>
            <th scope="col">Percentile</th>
            <th scope="col">Wait Time</th>
          </tr>
        </thead>
        <tbody>
          {rows.map(([percent, seconds]) => (
            <tr>
              <td>{`${percent}th`}</td>
              <td>{clock(seconds)}</td>
            </tr>
          ))}
        </tbody>
      </table>
      {rows.length > 0 && <Chart values={rows.map(([, seconds]) => seconds)} />}
    </div>
  );
};
