import Counter from "prom-client/lib/counter.js";
import Gauge from "prom-client/lib/gauge.js";
import Registry from "prom-client/lib/registry.js";
import type { Route } from "../http/route.ts";
import type { Answered, RequestMetrics } from "../http/router.ts";
import { REFERENCE_ENDPOINTS } from "./endpoints.ts";
import { RequestTallies } from "./request-tallies.ts";

/** Queue names and methods are chosen by callers; without a bound anybody could fill the memory of this process and of Prometheus. */
const MAX_QUEUES = 5000;
const MAX_QUEUE_NAME = 200;
const METHODS = new Set(["GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS", "PATCH"]);
const OTHER = "_other_";

export interface MetricsOptions {
  version: string;
  /** Milliseconds of a clock that never goes back. */
  elapsed: () => number;
  process: {
    /** Seconds since 1970. */
    readonly startTime: number;
    /** CPU time used so far, in seconds. */
    cpuSeconds(): number;
    residentBytes(): number;
  };
}

/** Counts for Prometheus under the reference's names (server-api section 8), of this process. */
export class Metrics implements RequestMetrics {
  private readonly registry = new Registry();
  private readonly queues = new Set<string>();
  private readonly jobs = this.counter("testflinger_jobs_total", "Number of jobs", ["queue"]);
  private readonly reservations = this.counter("testflinger_reservations_total", "Number of reservations", ["queue"]);
  private readonly requests = new RequestTallies();
  /** Labels of the routes that were asked for. */
  private readonly endpoints = new Map<Route, string>();

  constructor(private readonly options: MetricsOptions) {
    const { version, process } = options;
    this.gauge("flask_exporter_info", "Information about this exporter", ["version"]).set({ version }, 1);
    this.gauge("process_start_time_seconds", "Start time of the process in seconds since 1970").set(process.startTime);
    this.measured("process_resident_memory_bytes", "Resident memory in bytes", () => process.residentBytes());
    // The registry needs a name and `get` only; its types want one of its own classes.
    this.registry.registerMetric(this.requests as never);
    this.tallied("flask_http_request_total", "Total number of HTTP requests", () => true);
    this.tallied(
      "flask_http_request_exceptions_total",
      "Total number of HTTP requests which resulted in an exception",
      (status) => status === "500",
    );
    this.measured("process_cpu_seconds_total", "User and system CPU time in seconds", () => process.cpuSeconds());
  }

  /** A job was accepted, perhaps one that reserves its device. */
  jobAccepted(queue: string, reserves: boolean): void {
    const label = { queue: this.queueLabel(queue) };
    this.jobs.inc(label);
    if (reserves) this.reservations.inc(label);
  }

  elapsed(): number {
    return this.options.elapsed();
  }

  answered({ route, method: verb, status }: Answered, begun = this.elapsed()): void {
    const seconds = (this.elapsed() - begun) / 1000;
    const endpoint = route ? this.endpointOf(route) : "None";
    this.requests.add(endpoint, METHODS.has(verb) ? verb : OTHER, status, seconds);
  }

  /** The text format of Prometheus, of all metrics or of those that have series of the given names. */
  async text(names: readonly string[] = []): Promise<string> {
    if (names.length === 0) return this.registry.metrics();
    const wanted = new Set(names.flatMap((name) => [name, name.replace(/_(bucket|sum|count)$/, "")]));
    const found = this.registry.getMetricsAsArray().filter(({ name }) => wanted.has(name));
    return `${(await Promise.all(found.map(({ name }) => this.registry.getSingleMetricAsString(name)))).join("\n")}\n`;
  }

  get contentType(): string {
    return this.registry.contentType;
  }

  private endpointOf(route: Route): string {
    const known = this.endpoints.get(route);
    if (known !== undefined) return known;
    const endpoint = REFERENCE_ENDPOINTS[`${route.method} ${route.path}`] ?? route.id;
    this.endpoints.set(route, endpoint);
    return endpoint;
  }

  private queueLabel(queue: string): string {
    if (!this.queues.has(queue) && (this.queues.size >= MAX_QUEUES || queue.length > MAX_QUEUE_NAME)) return OTHER;
    this.queues.add(queue);
    return queue;
  }

  private counter<Label extends string>(name: string, help: string, labelNames: readonly Label[]) {
    return new Counter({ name, help, labelNames, registers: [this.registry] });
  }

  private gauge<Label extends string>(name: string, help: string, labelNames: readonly Label[] = []) {
    return new Gauge({ name, help, labelNames, registers: [this.registry] });
  }

  /** The requests of some statuses, counted by method and status. */
  private tallied(name: string, help: string, counts: (status: string) => boolean): void {
    const { requests } = this;
    new Counter({
      name,
      help,
      labelNames: ["method", "status"],
      registers: [this.registry],
      collect() {
        this.reset();
        for (const { method, status, count } of requests.counts())
          if (counts(status)) this.inc({ method, status }, count);
      },
    });
  }

  /** Read when it is asked for. */
  private measured(name: string, help: string, read: () => number): void {
    const settings = { name, help, registers: [this.registry] };
    if (name.endsWith("_total")) {
      new Counter({
        ...settings,
        collect() {
          this.reset();
          this.inc(read());
        },
      });
    } else {
      new Gauge({
        ...settings,
        collect() {
          this.set(read());
        },
      });
    }
  }
}
