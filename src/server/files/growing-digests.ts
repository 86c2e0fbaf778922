/** Uploads whose digests are kept at a time. */
const MOST = 1000;

interface GrowingDigest {
  readonly hasher: Bun.CryptoHasher;
  /** Bytes that it covers. */
  length: number;
}

/**
 * SHA-256 of uploads that grow part by part, so that in the end gigabytes need not be read back. Only of what came through this process since it
 * started: of other uploads there is none.
 */
export class GrowingDigests {
  /** Those that were used longest ago first. */
  readonly #digests = new Map<string, GrowingDigest>();

  /**
   * The same bytes, which are digested as they pass, also when the source fails in the end. A reader that stops before leaves no digest: nobody knows
   * what it has kept.
   */
  async *following(id: string, offset: number, part: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
    const digest = this.#taken(id, offset);
    try {
      for await (const piece of part) {
        digest?.hasher.update(piece);
        if (digest) digest.length += piece.length;
        yield piece;
      }
    } catch (error) {
      this.#keep(id, digest);
      throw error;
    }
    this.#keep(id, digest);
  }

  /** Hexadecimal; undefined unless all of so many bytes have passed. Forgets it. */
  take(id: string, length: number): string | undefined {
    return this.#taken(id, length)?.hasher.digest("hex");
  }

  forget(id: string): void {
    this.#digests.delete(id);
  }

  /** Nobody else goes on with it meanwhile. */
  #taken(id: string, length: number): GrowingDigest | undefined {
    const digest = length === 0 ? { hasher: new Bun.CryptoHasher("sha256"), length } : this.#digests.get(id);
    this.#digests.delete(id);
    return digest?.length === length ? digest : undefined;
  }

  #keep(id: string, digest: GrowingDigest | undefined): void {
    if (!digest) return;
    this.#digests.set(id, digest);
    for (const [oldest] of this.#digests) {
      if (this.#digests.size <= MOST) return;
      this.#digests.delete(oldest);
    }
  }
}
