import type { RequestContext } from "../http/request-context.ts";
import type { WriteLine } from "./logger.ts";

/** Names of the OWASP logging vocabulary that this server uses (config section 6). */
export const SECURITY_EVENTS = [
  "authn_login_success",
  "authn_login_fail",
  "authn_login_fail_max",
  "authn_login_lock",
  "authn_password_change",
  "authn_token_created",
  "authn_token_reuse",
  "authn_token_revoked",
  "authz_fail",
  "authz_admin",
  "authz_change",
  "privilege_permissions_changed",
  "excess_rate_limit_exceeded",
  "input_validation_fail",
  "malicious_excess_404",
  "sensitive_create",
  "sensitive_read",
  "sensitive_update",
  "sensitive_delete",
  "upload_complete",
  "user_created",
  "user_updated",
  "user_deleted",
  "session_created",
  "session_renewed",
  "session_expired",
  "sys_startup",
  "sys_shutdown",
] as const;

export type SecurityEventName = (typeof SECURITY_EVENTS)[number];

export type SecurityLevel = "INFO" | "WARNING" | "CRITICAL";

/** Writes security events as the reference does: one JSON line `{"owasp_event": {…}}` each (config section 6). */
export interface SecurityEvents {
  /**
   * @param args follow the name after a colon, joined by commas
   * @param description an English sentence; never a token, a secret or a request id
   */
  emit(
    level: SecurityLevel,
    name: SecurityEventName,
    args: readonly string[],
    description: string,
    context?: RequestContext,
  ): void;
}

export function securityEvents(write: WriteLine, now: () => Date, hostname: string | undefined): SecurityEvents {
  return {
    emit(level, name, args, description, context) {
      const event = {
        datetime: now().toISOString().replace("Z", "000+00:00"),
        appid: "com.canonical.testflinger",
        event: args.length ? `${name}:${args.join(",")}` : name,
        level,
        description,
        source_ip: context?.sourceAddress,
        host_ip: context?.host,
        hostname,
        protocol: context?.protocol,
        port: context?.port,
        request_uri: context?.path,
        request_method: context?.method,
        request_id: context?.requestId,
      };
      write(JSON.stringify({ owasp_event: event }));
    },
  };
}
