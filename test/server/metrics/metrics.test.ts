import { beforeEach, describe, expect, test } from "bun:test";
import { AGENTS, type Route, route } from "../../../src/server/http/route.ts";
import { answerMetrics, startMetrics } from "../../../src/server/metrics/listener.ts";
import { Metrics } from "../../../src/server/metrics/metrics.ts";

let elapsed: number;
let cpu: number;
let metrics: Metrics;

beforeEach(() => {
  elapsed = 0;
  cpu = 1.5;
  metrics = new Metrics({
    version: "1.2.3",
    elapsed: () => elapsed,
    process: { startTime: 1000, cpuSeconds: () => cpu, residentBytes: () => 4096 },
  });
});

const series = async (name: string): Promise<string[]> =>
  (await metrics.text()).split("\n").filter((line) => line.startsWith(name));

const some = (path: string, id: string): Route =>
  route({ method: "GET", path, id, tag: "t", access: AGENTS, summary: "s", responses: {} }, () => ({}));

/** A request that took so many milliseconds. */
function request(one: Route | null, status: number, milliseconds = 0, method = "GET"): void {
  const begun = metrics.elapsed();
  elapsed += milliseconds;
  metrics.answered({ route: one, method, status }, begun);
}

describe("Jobs and reservations", () => {
  test("are counted by queue", async () => {
    metrics.jobAccepted("a", false);
    metrics.jobAccepted("a", true);
    metrics.jobAccepted("b", false);
    expect(await series("testflinger_")).toEqual([
      'testflinger_jobs_total{queue="a"} 2',
      'testflinger_jobs_total{queue="b"} 1',
      'testflinger_reservations_total{queue="a"} 1',
    ]);
  });
  test("of ever new queues do not fill the memory", async () => {
    for (let n = 0; n < 6000; n++) metrics.jobAccepted(`queue-${n}`, false);
    metrics.jobAccepted("queue-0", false);
    const found = await series("testflinger_jobs_total");
    expect(found).toHaveLength(5001);
    expect(found).toContain('testflinger_jobs_total{queue="_other_"} 1000');
    expect(found).toContain('testflinger_jobs_total{queue="queue-0"} 2');
  });
  test("of a queue with an endless name are counted with the others", async () => {
    metrics.jobAccepted("x".repeat(201), false);
    expect(await series("testflinger_jobs_total")).toEqual(['testflinger_jobs_total{queue="_other_"} 1']);
  });
  test("cannot forge lines by their queue", async () => {
    metrics.jobAccepted('a"} 5\nforged_total 1', false);
    expect(await series("forged_total")).toEqual([]);
    expect(await series("testflinger_jobs_total")).toEqual([
      'testflinger_jobs_total{queue="a\\"} 5\\nforged_total 1"} 1',
    ]);
  });
});

describe("Requests", () => {
  test("are timed under the reference's endpoints and buckets", async () => {
    request(some("/v1/job", "takeJob"), 200, 200);
    const buckets = await series("flask_http_request_duration_seconds_bucket");
    expect(buckets.map((line) => /le="([^"]+)".* (\d)$/.exec(line)!.slice(1).join(" "))).toEqual([
      "0.005 0",
      "0.01 0",
      "0.025 0",
      "0.05 0",
      "0.075 0",
      "0.1 0",
      "0.25 1",
      "0.5 1",
      "0.75 1",
      "1 1",
      "2.5 1",
      "5 1",
      "7.5 1",
      "10 1",
      "+Inf 1",
    ]);
    expect(buckets[6]).toBe(
      'flask_http_request_duration_seconds_bucket{le="0.25",endpoint="v1.job_get",method="GET",status="200"} 1',
    );
    expect(await series("flask_http_request_duration_seconds_sum")).toEqual([
      'flask_http_request_duration_seconds_sum{endpoint="v1.job_get",method="GET",status="200"} 0.2',
    ]);
  });
  test("of new routes go under the route's id", async () => {
    request(some("/v1/job/:job_id/state", "getJobState"), 200);
    expect((await series("flask_http_request_duration_seconds_count"))[0]).toContain('endpoint="getJobState"');
  });
  test("that meant no route go under None, whatever their path", async () => {
    request(null, 404);
    expect((await series("flask_http_request_duration_seconds_count"))[0]).toContain('endpoint="None"');
  });
  test("are counted by method and status, failures apart", async () => {
    request(null, 404);
    request(null, 404);
    request(null, 500, 0, "POST");
    expect(await series("flask_http_request_total")).toEqual([
      'flask_http_request_total{method="GET",status="404"} 2',
      'flask_http_request_total{method="POST",status="500"} 1',
    ]);
    expect(await series("flask_http_request_exceptions_total")).toEqual([
      'flask_http_request_exceptions_total{method="POST",status="500"} 1',
    ]);
  });
  test("with invented methods are one series", async () => {
    request(null, 405, 0, "BREW");
    request(null, 405, 0, "STEEP");
    expect(await series("flask_http_request_total")).toEqual([
      'flask_http_request_total{method="_other_",status="405"} 2',
    ]);
  });
});

describe("The process", () => {
  test("is measured when it is asked for", async () => {
    expect(await series("process_")).toEqual([
      "process_start_time_seconds 1000",
      "process_resident_memory_bytes 4096",
      "process_cpu_seconds_total 1.5",
    ]);
    cpu = 2.5;
    expect(await series("process_cpu")).toEqual(["process_cpu_seconds_total 2.5"]);
    expect(await metrics.text()).toContain("# TYPE process_cpu_seconds_total counter");
  });
  test("tells its version", async () => {
    expect(await series("flask_exporter_info")).toEqual(['flask_exporter_info{version="1.2.3"} 1']);
  });
});

describe("The metrics port", () => {
  const get = (path: string, init?: RequestInit) =>
    answerMetrics(metrics, new Request(`http://localhost${path}`, init));

  test("serves the text format of Prometheus", async () => {
    const answer = await get("/metrics");
    expect(answer.status).toBe(200);
    expect(answer.headers.get("content-type")).toStartWith("text/plain; version=0.0.4");
    expect(await answer.text()).toContain("# TYPE testflinger_jobs_total counter");
  });
  test.each([
    ["name[]=testflinger_jobs_total", ["testflinger_jobs_total"]],
    [
      "name[]=flask_http_request_duration_seconds_count&name[]=flask_exporter_info",
      ["flask_http_request_duration_seconds", "flask_exporter_info"],
    ],
    ["name[]=none", []],
  ])("leaves out what %s does not name", async (query, names) => {
    const text = await (await get(`/metrics?${query}`)).text();
    expect([...text.matchAll(/^# TYPE (\S+)/gm)].map(([, name = ""]) => name).toSorted()).toEqual(names.toSorted());
  });
  test("has nothing else", async () => {
    expect((await get("/v1/job")).status).toBe(404);
    expect((await get("/metrics", { method: "POST" })).status).toBe(405);
  });
  test("listens and stops", async () => {
    const listener = await startMetrics(metrics, { hostname: "127.0.0.1", port: 0 });
    expect((await fetch(`${listener.url}/metrics`)).status).toBe(200);
    await listener.stop(0);
    await expect(fetch(`${listener.url}/metrics`)).rejects.toThrow();
  });
});
