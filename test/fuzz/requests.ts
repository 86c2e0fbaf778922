import fc, { type Arbitrary } from "fast-check";
import type { Operation, Schema } from "./document.ts";
import { hostileText, noJson } from "./hostile.ts";
import { jsonFor, textFor, type ValueOptions } from "./values.ts";

/** Bytes of a header, odd ones among them. */
const headerValue = hostileText.map((text) => Buffer.from(text.replace(/[\r\n\0]/g, "")).toString("latin1"));

type Headers = readonly (readonly [name: string, value: string])[];

export interface FuzzRequest {
  /** The operation that this call surely reaches; undefined where it may be anything. */
  readonly operation: Operation | undefined;
  readonly method: string;
  readonly target: string;
  readonly headers: Headers;
  readonly body: string | Uint8Array | undefined;
  readonly chunked: boolean;
}

export interface RequestOptions extends ValueOptions {
  readonly operations: readonly Operation[];
  /** Role -> access token; `anonymous` has none. */
  readonly tokens: Readonly<Record<string, string | undefined>>;
  /** `id:secret` of clients that exist. */
  readonly basicCredentials: readonly string[];
}

/** Calls of every operation by every caller, and now and then something that is no call of any. */
export function fuzzRequest(options: RequestOptions): Arbitrary<FuzzRequest> {
  const calls = options.operations.map((operation) => callOf(operation, options));
  return fc.oneof(
    { weight: 8, arbitrary: fc.oneof(...calls) },
    { weight: 1, arbitrary: fc.oneof(...calls).chain(strayed) },
  );
}

/** The bytes of a request. */
export function requestBytes({ method, target, headers, body, chunked }: FuzzRequest): Buffer {
  const content = Buffer.from(body ?? "");
  const framing: Headers =
    body === undefined
      ? []
      : chunked
        ? [["transfer-encoding", "chunked"]]
        : [["content-length", String(content.length)]];
  const host: Headers = headers.some(([name]) => name === "host") ? [] : [["host", "localhost"]];
  const lines = [...host, ...headers, ...framing].map(([name, value]) => `${name}: ${value}\r\n`);
  // Latin-1, as header values are: one character is one byte.
  const head = Buffer.from(`${method} ${target} HTTP/1.1\r\n${lines.join("")}\r\n`, "latin1");
  return Buffer.concat([head, chunked && body !== undefined ? inChunks(content) : content]);
}

/** A request as a report shows it. */
export function describeRequest({ method, target, headers, body }: FuzzRequest): string {
  const content = body === undefined ? [] : ["", String(body).slice(0, 500)];
  return [`${method} ${target}`, ...headers.map(([name, value]) => `${name}: ${value}`), ...content].join("\n");
}

const inChunks = (content: Buffer): Buffer =>
  Buffer.concat([
    ...(content.length ? [Buffer.from(`${content.length.toString(16)}\r\n`), content, Buffer.from("\r\n")] : []),
    Buffer.from("0\r\n\r\n"),
  ]);

function callOf(operation: Operation, options: RequestOptions): Arbitrary<FuzzRequest> {
  return fc
    .record({
      path: pathOf(operation, options),
      query: queryOf(operation, options),
      authorization: authorizationOf(operation, options),
      cookie: fc.oneof(
        { weight: 4, arbitrary: fc.constantFrom("agent_name=agent-1", 'agent_name="agent \\3032"') },
        { weight: 1, arbitrary: headerValue.map((value) => `agent_name=${value}`) },
      ),
      headers: headersOf(operation, options),
      content: contentOf(operation, options),
      chunked: fc.oneof({ weight: 8, arbitrary: fc.constant(false) }, fc.constant(true)),
    })
    .map(({ path, query, authorization, cookie, headers, content, chunked }) => ({
      operation: path.exact && isText([...authorization, ...headers, ["", cookie]]) ? operation : undefined,
      method: operation.method,
      target: path.text + query,
      headers: [...authorization, ["cookie", cookie] as const, ...headers, ...content.headers],
      body: content.body,
      chunked,
    }));
}

/** Control characters make a header that is none, and the whole request with it. */
const isText = (headers: Headers): boolean => headers.every(([, value]) => !CONTROL.test(value));

// oxlint-disable-next-line no-control-regex -- RFC 9110 section 5.5 forbids these very characters.
const CONTROL = /[\x00-\x08\x0a-\x1f\x7f]/;

/** The path with its parameters filled in; `exact` unless one of them makes another path of it. */
function pathOf({ path }: Operation, options: RequestOptions): Arbitrary<{ text: string; exact: boolean }> {
  const parts = path.split(/(\{\w+\})/).map((part) => {
    const name = /^\{(\w+)\}$/.exec(part)?.[1];
    if (name === undefined) return fc.constant({ text: part, exact: true });
    return textFor(name, { type: "string" }, options).map((value) => ({
      text: percentEncoded(value),
      exact: !/^\.{0,2}$|\//.test(value) || (name === "path" && options.known.path?.includes(value) === true),
    }));
  });
  return fc
    .tuple(...parts)
    .map((found) => ({ text: found.map(({ text }) => text).join(""), exact: found.every(({ exact }) => exact) }));
}

function queryOf({ query }: Operation, options: RequestOptions): Arbitrary<string> {
  const given = query.map(({ name, schema, required }) => {
    const one: Schema = schema.type === "array" ? (schema.items ?? {}) : schema;
    const values = fc.array(
      textFor(name, one, options).map((value) => `${name}=${percentEncoded(value)}`),
      { minLength: 1, maxLength: 2 },
    );
    return fc.oneof({ weight: required ? 9 : 2, arbitrary: values }, fc.constant([]));
  });
  const strangers = fc.oneof(
    { weight: 12, arbitrary: fc.constant<string[]>([]) },
    hostileText.map((text) => [`${percentEncoded(text)}=${percentEncoded(text)}`]),
  );
  return fc.tuple(...given, strangers).map((found) => {
    const parameters = found.flat().join("&");
    return parameters && `?${parameters}`;
  });
}

/** Those that the operation knows, mostly with a value that fits. */
function headersOf({ headers }: Operation, options: RequestOptions): Arbitrary<Headers> {
  const given = headers.map(({ name, schema, required }) => {
    const fitting = textFor(name, schema, options).map((text) =>
      Buffer.from(text.replace(/[\r\n\0]/g, "")).toString("latin1"),
    );
    const value = fc.oneof({ weight: 8, arbitrary: fitting }, { weight: 1, arbitrary: headerValue });
    const header = value.map((text): Headers => [[name, text]]);
    return fc.oneof({ weight: required ? 9 : 2, arbitrary: header }, fc.constant<Headers>([]));
  });
  return fc.tuple(...given).map((found) => found.flat());
}

/** Mostly a caller that is let in, else any of the five, rarely a credential that is none. */
function authorizationOf({ roles }: Operation, { tokens, basicCredentials }: RequestOptions): Arbitrary<Headers> {
  const bearer = (role: string): Headers => {
    const token = tokens[role];
    return token === undefined ? [] : [["authorization", `Bearer ${token}`]];
  };
  const basic = fc.constantFrom(...basicCredentials).map((pair) => `Basic ${Buffer.from(pair).toString("base64")}`);
  const junk = fc
    .oneof(basic, fc.constantFrom(...BAD_CREDENTIALS), headerValue)
    .map((value): Headers => [["authorization", value]]);
  const anybody = fc.constantFrom(...Object.keys(tokens)).map(bearer);
  return fc.oneof(
    { weight: 6, arbitrary: roles ? fc.constantFrom(...roles).map(bearer) : anybody },
    { weight: 3, arbitrary: anybody },
    { weight: 1, arbitrary: junk },
  );
}

const BAD_CREDENTIALS = [
  "",
  "Bearer ",
  "Bearer a.b.c",
  "bearer x",
  "Basic",
  "Basic !!!",
  "Basic Og==",
  "Digest username=x",
  // {"alg":"none"}
  "Bearer eyJhbGciOiJub25lIn0.eyJzdWIiOiJhY2Nlc3NfdG9rZW4iLCJleHAiOjk5OTk5OTk5OTksImlhdCI6MX0.",
  // {"alg":"HS256"} over {}
  "Bearer eyJhbGciOiJIUzI1NiJ9.e30.AAAA",
] as const;

interface Content {
  readonly headers: Headers;
  readonly body: string | Uint8Array | undefined;
}

function contentOf({ body, method }: Operation, options: RequestOptions): Arbitrary<Content> {
  const none: Content = { headers: [], body: undefined };
  const junk = fc.tuple(fc.constantFrom(...CONTENT_TYPES), noJson).map(([type, bytes]) => typed(type, bytes));
  if (!body) return method === "GET" ? fc.constant(none) : fc.oneof({ weight: 9, arbitrary: fc.constant(none) }, junk);
  const wanted =
    body.type === "multipart/form-data"
      ? fc.constantFrom(...FORMS).map((form) => typed("multipart/form-data; boundary=b", form))
      : jsonFor(body.schema, options).map((json) => typed("application/json", json));
  return fc.oneof(
    { weight: 12, arbitrary: wanted },
    { weight: 1, arbitrary: noJson.map((bytes) => typed("application/json", bytes)) },
    { weight: 1, arbitrary: junk },
    { weight: 1, arbitrary: fc.constant(none) },
  );
}

const typed = (type: string, body: string | Uint8Array): Content => ({ headers: [["content-type", type]], body });

const CONTENT_TYPES = [
  "application/json",
  "application/json; charset=utf-16",
  "application/merge-patch+json",
  "text/plain",
  "application/x-www-form-urlencoded",
  "multipart/form-data",
  "multipart/form-data; boundary=",
  "multipart/form-data; boundary=b",
  "application/octet-stream",
  "\xff/\xff",
  ";;;",
] as const;

const part = (disposition: string, content: string) =>
  `--b\r\nContent-Disposition: form-data; ${disposition}\r\n\r\n${content}\r\n`;

const FORMS = [
  `${part('name="file"; filename="a.tar.gz"', "content")}--b--\r\n`,
  `${part('name="file"; filename="a.tar.gz"', "x".repeat(300_000))}--b--\r\n`,
  `${part('name="other"', "1")}${part('name="file"; filename=""', "")}--b--\r\n`,
  `${part('name="file"', "no file name")}--b--\r\n`,
  part('name="file"; filename="cut.tar.gz"', "cut off"),
  "--b--\r\n",
  "",
  `${part('name="a"', "1").repeat(1200)}--b--\r\n`,
  `--b\r\n${"X-Long: y\r\n".repeat(3000)}\r\n\r\n--b--\r\n`,
  `${part('name="__proto__"', "1")}${part('name="file"; filename="../../../etc/\0"', "x")}--b--\r\n`,
] as const;

/** A call with another method, path or header than it should have. */
function strayed(call: FuzzRequest): Arbitrary<FuzzRequest> {
  const stray = { ...call, operation: undefined };
  return fc.oneof(
    fc.constantFrom(...METHODS).map((method) => ({ ...stray, method })),
    fc.constantFrom(...PATHS).map((path) => ({ ...stray, target: path(call.target) })),
    headerJunk.map((header) => ({ ...stray, headers: [...call.headers, header] })),
  );
}

const METHODS = [
  "HEAD",
  "OPTIONS",
  "PATCH",
  "PUT",
  "DELETE",
  "GET",
  "POST",
  "TRACE",
  "BREW",
  "get",
  "PROPFIND",
  "G\0T",
];

const PATHS: readonly ((target: string) => string)[] = [
  (target) => `/${target}`,
  (target) => target.replaceAll("/", "//"),
  (target) => target.replace("?", "/?"),
  (target) => `${target}/`,
  (target) => target.replace("/v1", "/v1/.."),
  (target) => target.replace("/v1", "/V1"),
  (target) => `${target}%`,
  (target) => target.replace(/[^/?]+(\?|$)/, "%ff%fe$1"),
  (target) => `${target.replace(/\?.*/s, "")}%00`,
  (target) => `http://other.example${target}`,
  (target) => `${target}#fragment`,
  (target) => `${target.replace(/\?.*/s, "")}?${"a=b&".repeat(2000)}`,
  () => "*",
  () => "/",
  () => "/../../etc/passwd",
  () => `/v1/${"x".repeat(8000)}`,
  () => "/v1/job/search/",
  () => "/docs/assets/..%2f..%2fserver",
];

const headerJunk: Arbitrary<readonly [string, string]> = fc.oneof(
  fc.constantFrom(
    ["host", ""] as const,
    ["host", "x"] as const,
    ["host", "a b"] as const,
    ["host", "evil.example/v1"] as const,
    ["host", "localhost:99999999"] as const,
    ["transfer-encoding", "gzip"] as const,
    ["content-length", "-1"] as const,
    ["content-length", "1e9"] as const,
    ["content-encoding", "gzip"] as const,
    ["expect", "100-continue"] as const,
    ["expect", "everything"] as const,
    ["range", "bytes=5-1"] as const,
    ["if-none-match", "*"] as const,
    ["upgrade", "websocket"] as const,
    ["connection", "close"] as const,
    ["connection", "upgrade"] as const,
    ["accept", "application/xml;q=2"] as const,
    ["x-forwarded-host", "evil.example"] as const,
    ["x-http-method-override", "DELETE"] as const,
    ["last-event-id", "99999999999999999999"] as const,
    ["x-request-id", "\x1b[31m"] as const,
    ["x-long", "y".repeat(20_000)] as const,
    ["bad name", "1"] as const,
    ["", "1"] as const,
    ["x-nul", "a\0b"] as const,
  ),
  headerValue.map((value) => ["x-anything", value] as const),
);

const percentEncoded = (text: string): string =>
  Array.from(Buffer.from(text), (byte) => {
    const character = String.fromCharCode(byte);
    return /[\w.~*-]/.test(character) ? character : `%${byte.toString(16).padStart(2, "0")}`;
  }).join("");
