/** The reference's buckets, in seconds. */
const BUCKETS = [0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10] as const;

const NAME = "flask_http_request_duration_seconds";

interface Tally {
  readonly labels: { readonly endpoint: string; readonly method: string; readonly status: string };
  readonly status: number;
  /** Requests by the first bucket that they fit into; the last one is for those that fit into none. */
  readonly counts: number[];
  /** Seconds. */
  sum: number;
}

/**
 * Requests by endpoint, method and status. prom-client makes texts of the labels for every request and metric, which takes longer than to
 * route the request; so requests are counted here, and told to it when somebody asks.
 */
export class RequestTallies {
  readonly name = NAME;
  /** By endpoint; an endpoint has few. */
  private readonly tallies = new Map<string, Tally[]>();

  add(endpoint: string, method: string, status: number, seconds: number): void {
    const tally = this.tallyOf(endpoint, method, status);
    const fitting = BUCKETS.findIndex((bound) => seconds <= bound);
    tally.counts[fitting < 0 ? BUCKETS.length : fitting]! += 1;
    tally.sum += seconds;
  }

  /** How many there were. */
  *counts(): Generator<{ readonly method: string; readonly status: string; readonly count: number }> {
    for (const { labels, counts } of this.all())
      yield { method: labels.method, status: labels.status, count: total(counts) };
  }

  /** The histogram of durations, as prom-client's registry reads its metrics. */
  async get() {
    const values = this.all().flatMap(seriesOf);
    return { name: NAME, help: "HTTP request duration in seconds", type: "histogram", aggregator: "sum", values };
  }

  private all(): Tally[] {
    return [...this.tallies.values()].flat();
  }

  private tallyOf(endpoint: string, method: string, status: number): Tally {
    const tallies = this.tallies.get(endpoint) ?? [];
    const known = tallies.find((tally) => tally.status === status && tally.labels.method === method);
    if (known) return known;
    const labels = { endpoint, method, status: String(status) };
    const tally = { labels, status, counts: Array.from({ length: BUCKETS.length + 1 }, () => 0), sum: 0 };
    this.tallies.set(endpoint, [...tallies, tally]);
    return tally;
  }
}

const total = (counts: readonly number[]): number => counts.reduce((sum, count) => sum + count, 0);

/** Prometheus' histograms: each bucket counts those of the smaller ones as well. */
function seriesOf({ labels, counts, sum }: Tally) {
  const buckets = [...BUCKETS, "+Inf"].map((le, index) => ({
    metricName: `${NAME}_bucket`,
    labels: { le, ...labels },
    value: total(counts.slice(0, index + 1)),
  }));
  const all = total(counts);
  return [
    ...buckets,
    { metricName: `${NAME}_sum`, labels, value: sum },
    { metricName: `${NAME}_count`, labels, value: all },
  ];
}
