import { exportJWK, generateKeyPair, type JWK, type JWTHeaderParameters, type JWTPayload, SignJWT } from "jose";

/** A key of the mock provider. */
export class SigningKey {
  private constructor(
    readonly id: string,
    private readonly privateKey: CryptoKey,
    readonly jwk: JWK,
  ) {}

  static async create(id: string): Promise<SigningKey> {
    const { privateKey, publicKey } = await generateKeyPair("ES256");
    return new SigningKey(id, privateKey, { ...(await exportJWK(publicKey)), kid: id, alg: "ES256", use: "sig" });
  }

  /** @param header parameters besides the algorithm, or in place of the key id */
  sign(claims: JWTPayload, header: Partial<JWTHeaderParameters> = {}): Promise<string> {
    const crit = Object.fromEntries((header.crit ?? []).map((name) => [name, true]));
    return new SignJWT(claims)
      .setProtectedHeader({ kid: this.id, ...header, alg: "ES256" })
      .sign(this.privateKey, { crit });
  }
}
