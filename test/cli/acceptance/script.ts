/**
 * Acceptance scripts: what a person or a shell script types, and what must come of it. One file per command, many
 * scenarios in it:
 *
 * ```text
 * === a sentence that names the behaviour
 * instead of poll: a recorded run             what the reference does, which this is better than
 * on pipe                                     only there; otherwise also on a pseudo-terminal
 * env NO_COLOR=1                              more environment; without a value the variable is absent
 * POST /v1/job with {"job_queue": "q"} -> 200 {"job_id": "j"}
 * GET /v1/job/j as {admin} -> 204             the token that the request carries; `as nobody`: none, `as "Basic …"`
 * GET /v1/result/j -> 200 @result.json        the answer stands below
 * GET /v1/result/j -> 502 "bad gateway" (any times)
 * GET /v1/result/j -> hangs up
 * $ testflinger submit job.yaml               the first word is the name that the program is called by
 * < a line on standard input
 * ? Proceed? -> n                             when that is shown, this is typed; ^C presses Ctrl-C
 * | a line of standard output                 the exact bytes, all lines; a backslash at the end: no line end
 * ! a text that must occur on standard error
 * x "\u001b["                                 a JSON string that may occur nowhere in the output
 * exit 1                                      0 unless said otherwise
 * -- job.yaml --
 * job_queue: q                                a file in the working folder, or in the home folder with ~/
 * -- alias.yaml -> job.yaml --                a symbolic link
 * -- after ~/.config/testflinger-cli.conf --
 * [testflinger-cli]                           a file as it must be afterwards
 * ```
 *
 * Requests must come in this order, and no others but questions about what the server can do (`/v1/server`,
 * `/v1/job/{id}/state`, `…/stream`): unless scripted they are answered 404, as a reference server does. Everywhere
 * `{server}` is the server's URL, `{home}` and `{folder}` are the folders, `{admin}`, `{manager}` and `{contributor}` are
 * tokens of the client `me`, and in expectations `{any}` is any text.
 */
export interface Scenario {
  readonly name: string;
  /** Topic and name of a conformance case that is a weak point of the reference. */
  readonly insteadOf: string | undefined;
  readonly modes: readonly Mode[];
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly exchanges: readonly Exchange[];
  readonly command: readonly string[];
  readonly input: readonly string[];
  readonly replies: readonly Reply[];
  readonly stdout: string;
  readonly stderr: readonly string[];
  /** Texts that may occur nowhere. */
  readonly absent: readonly string[];
  readonly exit: number;
  readonly files: Readonly<Record<string, string>>;
  readonly filesAfter: Readonly<Record<string, string>>;
}

export type Mode = "pipe" | "terminal";

/** Something to type when a text has been shown. */
export interface Reply {
  readonly after: string;
  readonly text: string;
}

export interface Exchange {
  readonly method: string;
  /** Path and query. */
  readonly target: string;
  /** The token that the request must carry; `nobody` for none, undefined for any. */
  readonly token: string | undefined;
  /** JSON that the request must carry. */
  readonly body: string | undefined;
  /** Undefined: the connection is closed without an answer. */
  readonly answer: Answer | undefined;
  readonly anyTimes: boolean;
}

export interface Answer {
  readonly status: number;
  readonly type: string;
  readonly body: string;
}

type Draft = { -readonly [K in keyof Scenario]: Scenario[K] extends readonly (infer T)[] ? T[] : Scenario[K] } & {
  env: Record<string, string | undefined>;
  files: Record<string, string>;
  filesAfter: Record<string, string>;
};

/** @throws Error naming the line that has no meaning */
export function parseScript(text: string): Scenario[] {
  return text
    .split(/^=== /m)
    .slice(1)
    .map((part) => parseScenario(part));
}

function parseScenario(part: string): Scenario {
  const [head = "", ...sections] = part.split(/^-- (?=.* --$)/m);
  const [name = "", ...lines] = head.split("\n");
  const draft: Draft = {
    name: name.trim(),
    insteadOf: undefined,
    modes: ["pipe", "terminal"],
    env: {},
    exchanges: [],
    command: [],
    input: [],
    replies: [],
    stdout: "",
    stderr: [],
    absent: [],
    exit: 0,
    files: {},
    filesAfter: {},
  };
  for (const section of sections) readFileSection(section, draft);
  for (const line of lines) if (line.trim() !== "" && !line.startsWith("#")) readLine(line, draft);
  if (draft.command.length === 0) throw new Error(`${draft.name}: nothing is run`);
  return draft;
}

function readFileSection(section: string, draft: Draft): void {
  const end = section.indexOf("\n");
  const title = section.slice(0, end).replace(/ --$/, "");
  const content = section.slice(end + 1).replace(/\n\n$/, "\n");
  if (title.startsWith("after ")) draft.filesAfter[title.slice("after ".length)] = content;
  else draft.files[title] = content;
}

function readLine(line: string, draft: Draft): void {
  const [, mark, rest = ""] = /^(\S+) ?(.*)$/.exec(line) ?? [];
  switch (mark) {
    case "instead":
      draft.insteadOf = rest.replace(/^of /, "");
      return;
    case "on":
      draft.modes = [rest as Mode];
      return;
    case "env": {
      const [, variable = "", value] = /^(\w+)(?:=(.*))?$/.exec(rest) ?? [];
      draft.env[variable] = value;
      return;
    }
    case "$":
      draft.command = shellWords(rest);
      return;
    case "<":
      draft.input.push(rest);
      return;
    case "?": {
      const [after = "", text = ""] = rest.split(" -> ");
      draft.replies.push({ after, text });
      return;
    }
    case "|":
      draft.stdout += rest.endsWith("\\") ? rest.slice(0, -1) : `${rest}\n`;
      return;
    case "!":
      draft.stderr.push(rest);
      return;
    case "x":
      draft.absent.push(JSON.parse(rest) as string);
      return;
    case "exit":
      draft.exit = Number(rest);
      return;
    case "GET":
    case "POST":
    case "PUT":
    case "DELETE":
      draft.exchanges.push(exchange(mark, rest, draft.files));
      return;
    default:
      throw new Error(`${draft.name}: what does this mean? ${line}`);
  }
}

const REQUEST = /^(?<target>\S+)(?: as (?<token>"[^"]+"|\S+))?(?: with (?<body>.+))?$/;

function exchange(method: string, text: string, files: Draft["files"]): Exchange {
  const arrow = text.lastIndexOf(" -> ");
  const { target = "", token, body } = REQUEST.exec(text.slice(0, arrow))?.groups ?? {};
  const anyTimes = text.endsWith(" (any times)");
  const outcome = text.slice(arrow + " -> ".length).replace(/ \(any times\)$/, "");
  return {
    method,
    target,
    token: token?.replaceAll('"', ""),
    body,
    anyTimes,
    answer: outcome === "hangs up" ? undefined : answer(outcome, files),
  };
}

const TYPES: Readonly<Record<string, string>> = {
  json: "application/json",
  sse: "text/event-stream",
  html: "text/html",
};

function answer(text: string, files: Draft["files"]): Answer {
  const [, status, content = ""] = /^(\d{3}) ?(.*)$/.exec(text) ?? [];
  if (status === undefined) throw new Error(`${text} is no answer`);
  const file = content.startsWith("@") ? content.slice(1) : undefined;
  if (file) return { status: Number(status), type: TYPES[file.split(".").at(-1)!] ?? "text/plain", body: files[file]! };
  if (content.startsWith('"'))
    return { status: Number(status), type: "text/plain", body: JSON.parse(content) as string };
  return { status: Number(status), type: content === "" ? "text/plain" : "application/json", body: content };
}

/** Words as a shell splits them: quotes keep blanks, and nothing else is special. */
function shellWords(line: string): string[] {
  const words = line.match(/(?:[^\s"']|"[^"]*"|'[^']*')+/g) ?? [];
  return words.map((word) =>
    word.replace(/"([^"]*)"|'([^']*)'/g, (_, double?: string, single?: string) => double ?? single ?? ""),
  );
}
