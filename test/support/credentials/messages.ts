/** A credential and what it is. */
export type Finding = readonly [what: string, text: string];

const TEXT = String.raw`"((?:[^"\\]|\\.)+)"`;
const FIELDS =
  "access_token|refresh_token|id_token|client_secret|device_code|user_code|code_verifier|code|request_id|password|vault_token";
const PARAMETERS =
  "access_token|refresh_token|id_token_hint|client_secret|device_code|code_verifier|code|state|nonce|token";

/** Names that other things have as well; as credentials they are long and without blanks. */
const COMMON = new Set(["code", "state", "token", "nonce"]);
const RANDOM = /^[\w.~+/=-]{16,}$/;

const BEARER = /^authorization: *bearer +(\S+)/gim;
const BASIC = /^authorization: *basic +(\S+)/gim;
const VAULT_TOKEN = /^x-vault-token: *(\S+)/gim;
/** As the server sets them: a cookie that is only sent may be a made-up one. */
const COOKIE = /^set-cookie: *(?:__Host-)?(testflinger-session|testflinger-login)=([^;\s"]+)/gim;
const JSON_FIELD = new RegExp(String.raw`"(${FIELDS})"\s*:\s*${TEXT}`, "g");
const PARAMETER = new RegExp(String.raw`(?:^|[?&])(${PARAMETERS})=([^&\s"]+)`, "gm");
const POLLED = /\/oidc\/auth-poll\/([^\s/?"]+)/g;
const STORED_SECRET = new RegExp(String.raw`^PUT \/v1\/secrets\/[^]*?"value"\s*:\s*${TEXT}`, "gm");

/**
 * The credentials in HTTP messages, as far as their places tell that they are some.
 *
 * @param text requests and answers as they go over the wire, one after the other, perhaps cut off
 */
export function credentialsIn(text: string): Finding[] {
  const all = (pattern: RegExp) => [...text.matchAll(pattern)];
  return [
    ...all(BEARER).map(([, token]): Finding => ["bearer token", token!]),
    ...all(BASIC).flatMap(([, blob]) => basic(blob!)),
    ...all(VAULT_TOKEN).map(([, token]): Finding => ["Vault token", token!]),
    ...all(COOKIE).map(([, name, value]): Finding => [`cookie ${name}`, value!]),
    ...all(JSON_FIELD).flatMap(([, name, value]) => named(name!, unescaped(value!))),
    ...all(PARAMETER).flatMap(([, name, value]) => named(name!, decoded(value!))),
    ...all(POLLED).map(([, id]): Finding => ["request id of a device login", decoded(id!)]),
    ...all(STORED_SECRET).map(([, value]): Finding => ["stored secret", unescaped(value!)]),
  ];
}

/** RFC 7617: the part behind the first colon is the password. */
function basic(blob: string): Finding[] {
  const pair = Buffer.from(blob, "base64").toString();
  return [
    ["basic credentials", blob],
    ["password", pair.slice(pair.indexOf(":") + 1)],
  ];
}

const named = (name: string, value: string): Finding[] =>
  COMMON.has(name) && !RANDOM.test(value) ? [] : [[name, value]];

function unescaped(text: string): string {
  try {
    return JSON.parse(`"${text}"`) as string;
  } catch {
    return text;
  }
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text.replaceAll("+", " "));
  } catch {
    return text;
  }
}
