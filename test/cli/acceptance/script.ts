/**
 * Acceptance scripts: what a person or a shell script types, and what must come of it. One file per command, many
 * scenarios in it:
 *
 * ```text
 * === a sentence that names the behaviour
 * row 10.3 network failure                    what it proves of `rows.txt`
 * instead of poll: a recorded run             what the reference does, which this is better than
 * on pipe                                     only there; otherwise also on a pseudo-terminal
 * env NO_COLOR=1                              more environment; without a value the variable is absent
 * POST /v1/job with {"job_queue": "q"} -> 200 {"job_id": "j"}
 * GET /v1/job/j as {admin} -> 204             the token that the request carries; `as nobody`: none, `as "Basic …"`
 * GET /v1/result/j -> 200 @result.json        the answer stands below
 * GET /v1/result/j -> 502 "bad gateway" (any times)
 * GET /v1/result/j -> hangs up                without an answer
 * GET /v1/result/j -> 200 "half of" and hangs up
 * GET /v1/result/j -> 200 <etag: "a"> "half of" and stops
 * GET /v1/result/j -> says nothing            until the program gives up
 * GET /v1/result/j -> ^C                      instead of an answer, somebody presses Ctrl-C
 * GET /v1/result/j -> 302 {server}/elsewhere  with 3xx: where to
 * $ testflinger submit job.yaml               the first word is the name that the program is called by
 * < a line on standard input
 * ? Proceed? -> n                             when that is shown, this is typed; ^C and ^D press Ctrl-C and Ctrl-D
 * ? secret key -> "\u0003"                    a JSON string: exactly these keys, without Enter
 * ? first line -> (closes the output)         nobody reads on
 * ? half of -> (server hangs up)
 * | a line of standard output                 the exact bytes, all lines; a backslash at the end: no line end
 * ! a text that must occur on standard error
 * x "\u001b["                                 a JSON string that may occur nowhere in the output
 * shows client_secret                         a kind of credential that is shown on purpose; any other is a fault
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
  /** What it proves of the command-line specification, as `rows.txt` has it. */
  readonly rows: readonly string[];
  /** Topic and name of a conformance case that is a weak point of the reference. */
  readonly insteadOf: string | undefined;
  readonly modes: readonly Mode[];
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly exchanges: readonly Exchange[];
  readonly command: readonly string[];
  readonly input: readonly string[];
  readonly replies: readonly Reply[];
  readonly stdout: string;
  /** The same as it was written: on a terminal, what is typed stands between a question and what follows it. */
  readonly lines: readonly string[];
  readonly stderr: readonly string[];
  /** Texts that may occur nowhere. */
  readonly absent: readonly string[];
  /** Kinds of credentials that the user is to see. */
  readonly shows: readonly string[];
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
  readonly reaction: Reaction;
  readonly anyTimes: boolean;
}

/** What a request leads to: an answer, the end of the connection, silence, or Ctrl-C and silence. */
export type Reaction = Answer | "hangs up" | "says nothing" | "^C";

export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  /** What comes behind the body; unless that is its end, it was announced to be longer. */
  readonly ending: "end" | "hangs up" | "stops";
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
    rows: [],
    insteadOf: undefined,
    modes: ["pipe", "terminal"],
    env: {},
    exchanges: [],
    command: [],
    input: [],
    replies: [],
    stdout: "",
    lines: [],
    stderr: [],
    absent: [],
    shows: [],
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
    case "row":
      draft.rows.push(rest);
      return;
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
    case "|": {
      const text = rest.replace(/\\$/, "");
      draft.lines.push(text);
      draft.stdout += text === rest ? `${text}\n` : text;
      return;
    }
    case "!":
      draft.stderr.push(rest);
      return;
    case "x":
      draft.absent.push(JSON.parse(rest) as string);
      return;
    case "shows":
      draft.shows.push(rest);
      return;
    case "exit":
      draft.exit = Number(rest);
      return;
    case "GET":
    case "POST":
    case "PUT":
    case "PATCH":
    case "DELETE":
      draft.exchanges.push(exchange(mark, rest, draft.files));
      return;
    default:
      throw new Error(`${draft.name}: what does this mean? ${line}`);
  }
}

const REQUEST = /^(?<target>\S+)(?: as (?<token>"[^"]+"|\S+))?(?: with (?<body>.+))?$/;
const WITHOUT_ANSWER = ["hangs up", "says nothing", "^C"] as const;

function exchange(method: string, text: string, files: Draft["files"]): Exchange {
  const arrow = text.lastIndexOf(" -> ");
  const { target = "", token, body } = REQUEST.exec(text.slice(0, arrow))?.groups ?? {};
  const anyTimes = text.endsWith(" (any times)");
  const outcome = text.slice(arrow + " -> ".length).replace(/ \(any times\)$/, "");
  const reaction = WITHOUT_ANSWER.find((one) => one === outcome) ?? answer(outcome, files);
  return { method, target, token: token?.replaceAll('"', ""), body, anyTimes, reaction };
}

const TYPES: Readonly<Record<string, string>> = {
  json: "application/json",
  sse: "text/event-stream",
  html: "text/html",
};

function answer(text: string, files: Draft["files"]): Answer {
  const [, digits, fields = "", content = "", ending = "end"] =
    /^(\d{3}) ?((?:<[^>]*> ?)*)(.*?)(?: and (hangs up|stops))?$/.exec(text) ?? [];
  if (digits === undefined) throw new Error(`${text} is no answer`);
  const status = Number(digits);
  if (status >= 300 && status < 400) return { status, headers: { location: content }, body: "", ending: "end" };
  const { type, body } = contentOf(content, files);
  const headers = Object.fromEntries(
    Array.from(fields.matchAll(/<([^:]+): ([^>]*)>/g), ([, name, value]) => [name!, value!]),
  );
  return {
    status,
    headers: status === 204 ? headers : { "content-type": type, ...headers },
    body,
    ending: ending as Answer["ending"],
  };
}

function contentOf(text: string, files: Draft["files"]): { type: string; body: string } {
  if (text.startsWith("@")) {
    const file = text.slice(1);
    return { type: TYPES[file.split(".").at(-1)!] ?? "text/plain", body: files[file]! };
  }
  if (text.startsWith('"')) return { type: "text/plain", body: JSON.parse(text) as string };
  return { type: text === "" ? "text/plain" : "application/json", body: text };
}

/** Words as a shell splits them: quotes keep blanks, and nothing else is special. */
function shellWords(line: string): string[] {
  const words = line.match(/(?:[^\s"']|"[^"]*"|'[^']*')+/g) ?? [];
  return words.map((word) =>
    word.replace(/"([^"]*)"|'([^']*)'/g, (_, double?: string, single?: string) => double ?? single ?? ""),
  );
}
