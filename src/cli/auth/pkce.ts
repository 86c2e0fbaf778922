/** Proof that whoever polls for a login is who started it (RFC 7636). */
export interface ProofKey {
  readonly verifier: string;
  /** Method S256. */
  readonly challenge: string;
}

export function createProofKey(): ProofKey {
  const verifier = Buffer.from(crypto.getRandomValues(new Uint8Array(32))).toString("base64url");
  return { verifier, challenge: new Bun.CryptoHasher("sha256").update(verifier).digest("base64url") };
}
