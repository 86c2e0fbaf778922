const UNTRUSTED =
  "its certificate is not trusted here. If it is right, put the certificate of its authority into a file and set " +
  "REQUESTS_CA_BUNDLE to that";

/** What the codes of fetch mean to somebody who did not write this program. */
const MEANINGS: Readonly<Record<string, string>> = {
  ECONNREFUSED: "nothing listens there",
  ECONNRESET: "the connection broke off",
  EHOSTUNREACH: "there is no way to it from here",
  ENETUNREACH: "there is no way to it from here",
  ENOTFOUND: "there is no host of that name",
  EAI_AGAIN: "names cannot be looked up at the moment",
  EPROTO: "it does not speak TLS there. Is http:// meant?",
  ERR_TLS_CERT_ALTNAME_INVALID: "its certificate is for another host",
  CERT_HAS_EXPIRED: "its certificate has expired",
  DEPTH_ZERO_SELF_SIGNED_CERT: UNTRUSTED,
  SELF_SIGNED_CERT_IN_CHAIN: UNTRUSTED,
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: UNTRUSTED,
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: UNTRUSTED,
};

/** Why a request came to nothing, in words; fetch's own are advice to programmers. The code is kept, for search engines. */
export function networkReason(error: unknown): string {
  const code = error instanceof Error && "code" in error && typeof error.code === "string" ? error.code : undefined;
  const meaning = code === undefined ? undefined : MEANINGS[code];
  if (meaning) return `${meaning} (${code})`;
  return error instanceof Error ? error.message : String(error);
}
