import { describe, expect, test } from "bun:test";
import type { RequestContext } from "../../../src/server/http/request-context.ts";
import { securityEvents } from "../../../src/server/log/security-events.ts";

const CONTEXT: RequestContext = {
  requestId: "request-1",
  method: "POST",
  path: "/v1/job",
  sourceAddress: "192.0.2.7",
  host: "lab.example",
  protocol: "https",
  origin: "https://lab.example",
  port: 443,
};

function emitted(emit: (events: ReturnType<typeof securityEvents>) => void): string[] {
  const lines: string[] = [];
  const now = () => new Date("2026-11-24T10:20:30.456Z");
  emit(securityEvents((line) => lines.push(line), now, "unit-3"));
  return lines;
}

/** ASVS 5.0 controls 16.2.1 (who, what, when, where), 16.2.2 (UTC), 16.2.4 (a common form) and 16.4.1 (no forged lines). */
describe("a security event (config section 6)", () => {
  test("is one line of JSON with the fields of the vocabulary", () => {
    const [line = "", ...others] = emitted((events) =>
      events.emit("CRITICAL", "authz_fail", ["agent1", "/v1/job"], "agent1 attempted POST /v1/job", CONTEXT),
    );
    expect(others).toEqual([]);
    expect(JSON.parse(line)).toEqual({
      owasp_event: {
        datetime: "2026-11-24T10:20:30.456000+00:00",
        appid: "com.canonical.testflinger",
        event: "authz_fail:agent1,/v1/job",
        level: "CRITICAL",
        description: "agent1 attempted POST /v1/job",
        source_ip: "192.0.2.7",
        host_ip: "lab.example",
        hostname: "unit-3",
        protocol: "https",
        port: 443,
        request_uri: "/v1/job",
        request_method: "POST",
        request_id: "request-1",
      },
    });
  });

  test("leaves out what is not known", () => {
    const [line = ""] = emitted((events) => events.emit("INFO", "sys_startup", [], "started"));
    expect(Object.keys(JSON.parse(line).owasp_event)).toEqual([
      "datetime",
      "appid",
      "event",
      "level",
      "description",
      "hostname",
    ]);
    expect(JSON.parse(line).owasp_event.event).toBe("sys_startup");
  });

  test("stays one line whatever a name holds", () => {
    const lines = emitted((events) =>
      events.emit("WARNING", "authn_login_fail", ['a\n{"owasp_event":{}}\r\u2028'], 'of a\n{"level":"INFO"}', CONTEXT),
    );
    expect(lines).toHaveLength(1);
    expect(lines[0]).not.toMatch(/[\r\n]/);
    expect(JSON.parse(lines[0]!).owasp_event.event).toStartWith("authn_login_fail:a\n");
  });
});
