import { parseArgs, type ParseArgsConfig } from "node:util";
import { DurationError, parseDuration } from "../../shared/text/duration.ts";
import { isEmail } from "../../shared/text/email.ts";
import { isRole, type Role, ROLES } from "../../shared/roles.ts";
import { isGroupId, isGroupName, nameOfGroup } from "../permissions/groups.ts";
import { UsageError } from "./operator.ts";

type OptionDeclarations = NonNullable<ParseArgsConfig["options"]>;

/** Reads words strictly against declared options; each message names what is wrong. */
export function readWords<const Options extends OptionDeclarations>(args: readonly string[], options: Options) {
  try {
    return parseArgs({ args: [...args], options, strict: true, allowPositionals: true });
  } catch (error) {
    throw new UsageError((error as Error).message);
  }
}

/** The name of a client that is to be; those of groups are not to be had. */
export function newClientName(positionals: readonly string[]): string {
  const name = clientName(positionals);
  if (isGroupId(name))
    throw new UsageError(`'${name}' is the name of a group, which logs in nowhere: use set-permissions`);
  return name;
}

/** The one name that a command takes. */
export function clientName(positionals: readonly string[]): string {
  const [name, ...more] = positionals;
  if (name === undefined) throw new UsageError("the name of the client is missing");
  if (more.length) throw new UsageError(`one name expected, got ${positionals.length}`);
  if (isGroupId(name) && isGroupName(nameOfGroup(name))) return name;
  // Names are parts of URLs and of log lines.
  if (name === "" || /[/\p{C}]/u.test(name))
    throw new UsageError("a client's name must not be empty nor hold slashes or control characters");
  return name;
}

/** Options that tell what a client may do. */
export const permissionOptions = {
  role: { type: "string" },
  email: { type: "string" },
  "max-priority": { type: "string", multiple: true },
  "max-reservation-time": { type: "string", multiple: true },
  "allowed-queue": { type: "string", multiple: true },
  "allowed-queue-pattern": { type: "string", multiple: true },
  "allowed-agent": { type: "string", multiple: true },
} as const satisfies OptionDeclarations;

export interface PermissionWords {
  role?: string;
  email?: string;
  "max-priority"?: string[];
  "max-reservation-time"?: string[];
  "allowed-queue-pattern"?: string[];
  "allowed-agent"?: string[];
}

/** As the API takes them; what was not given is absent. */
export function permissionsFrom(words: PermissionWords) {
  const { role, email, "max-priority": priorities, "max-reservation-time": reservations } = words;
  const allowed_agents = agentPatterns(words["allowed-agent"]);
  const allowed_queue_patterns = patterns("--allowed-queue-pattern", words["allowed-queue-pattern"]);
  if (email !== undefined && !isEmail(email)) throw new UsageError(`--email: '${email}' is not an email address`);
  return {
    ...(role === undefined ? {} : { role: knownRole(role) }),
    ...(email === undefined ? {} : { email }),
    ...(priorities && { max_priority: byQueue("--max-priority", priorities, priority) }),
    ...(reservations && { max_reservation_time: byQueue("--max-reservation-time", reservations, parseDuration) }),
    ...(allowed_queue_patterns && { allowed_queue_patterns }),
    ...(allowed_agents && { allowed_agents }),
  };
}

/** Names of agents, `*` for any characters. */
export const agentPatterns = (words: string[] | undefined): string[] | undefined => patterns("--allowed-agent", words);

function patterns(option: string, words: string[] | undefined): string[] | undefined {
  if (words?.some((pattern) => pattern === "" || /\p{C}/u.test(pattern)))
    throw new UsageError(`${option}: a name must not be empty nor hold control characters`);
  return words;
}

function knownRole(role: string): Role {
  if (!isRole(role)) throw new UsageError(`--role: '${role}' is none of ${ROLES.join(", ")}`);
  return role;
}

function priority(text: string): number {
  const value = /^[+-]?\d+$/.test(text) ? Number(text) : NaN;
  if (!Number.isSafeInteger(value)) throw new UsageError(`'${text}' is not a whole number`);
  return value;
}

/** `queue=value` words; a queue may hold `=`, a value does not. */
function byQueue(option: string, words: readonly string[], read: (text: string) => number): Record<string, number> {
  return Object.fromEntries(
    words.map((word) => {
      const at = word.lastIndexOf("=");
      if (at < 1) throw new UsageError(`${option}: '${word}' is not of the form QUEUE=VALUE`);
      try {
        return [word.slice(0, at), read(word.slice(at + 1))];
      } catch (error) {
        if (error instanceof UsageError || error instanceof DurationError)
          throw new UsageError(`${option} ${word}: ${error.message}`);
        throw error;
      }
    }),
  );
}
