import { exportJWK, generateKeyPair, type JWK, type JWTPayload, SignJWT } from "jose";

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

  sign(claims: JWTPayload): Promise<string> {
    return new SignJWT(claims).setProtectedHeader({ alg: "ES256", kid: this.id }).sign(this.privateKey);
  }
}
