import { StoreUnavailable } from "../store.ts";
import { within } from "./errors.ts";

export interface BatchesOptions<Request, Answer> {
  /** Does requests together; an answer for each, in their order. An error as an answer is that of its request alone. */
  run: (requests: readonly Request[]) => Promise<readonly (Answer | Error)[]>;
  /** Most requests of one batch. */
  most?: number;
  /** Batches under way at the same time. */
  atOnce?: number;
  /** Milliseconds that a batch gathers requests before it begins, where nobody is in a hurry. */
  gathering?: number;
  /** Milliseconds after which a request is given up: the next batch no longer waits for one that has not ended, and takes no request that is older. */
  patience: number;
  /** Milliseconds of a clock that only goes forward. */
  elapsed?: () => number;
}

interface Call<Request, Answer> extends PromiseWithResolvers<Answer> {
  readonly request: Request;
  readonly since: number;
}

/**
 * Does requests together that come at the same time or while earlier ones are under way, as a group commit does: a round trip costs the driver and the
 * database more than what it carries. A request is never answered from a batch that had begun before it, so that everybody sees what was acknowledged
 * before.
 */
export class Batches<Request, Answer> {
  readonly #options: BatchesOptions<Request, Answer> &
    Required<Pick<BatchesOptions<Request, Answer>, "most" | "atOnce" | "elapsed">>;
  #waiting: Call<Request, Answer>[] = [];
  #running = 0;
  #scheduled = false;

  constructor(options: BatchesOptions<Request, Answer>) {
    this.#options = { most: 100, atOnce: 2, elapsed: () => performance.now(), ...options };
  }

  do(request: Request): Promise<Answer> {
    const call = { request, since: this.#options.elapsed(), ...Promise.withResolvers<Answer>() };
    this.#waiting.push(call);
    this.#schedule();
    return call.promise;
  }

  #schedule(): void {
    if (this.#scheduled || this.#waiting.length === 0 || this.#running >= this.#options.atOnce) return;
    this.#scheduled = true;
    const begin = () => {
      this.#scheduled = false;
      void this.#begin();
    };
    const { gathering } = this.#options;
    // At once: when what the sockets have brought is read.
    if (gathering === undefined) setImmediate(begin);
    else setTimeout(begin, gathering);
  }

  /** Whoever was told that the database does not answer may try again: what was asked for must not happen behind their back. */
  #giveUpOld(): void {
    const { elapsed, patience } = this.#options;
    const oldest = elapsed() - patience;
    const fresh = this.#waiting.findIndex(({ since }) => since > oldest);
    for (const { reject } of this.#waiting.splice(0, fresh < 0 ? this.#waiting.length : fresh))
      reject(new StoreUnavailable(`MongoDB does not answer within ${patience} ms`));
  }

  async #begin(): Promise<void> {
    const { most, patience, run } = this.#options;
    this.#giveUpOld();
    const calls = this.#waiting.splice(0, most);
    if (calls.length === 0) return;
    this.#running++;
    this.#schedule();
    try {
      const answers = await within(patience, run(calls.map(({ request }) => request)));
      for (const [index, { resolve, reject }] of calls.entries()) {
        const answer = answers[index] as Answer | Error;
        if (answer instanceof Error) reject(answer);
        else resolve(answer);
      }
    } catch (error) {
      for (const { reject } of calls) reject(error);
    } finally {
      this.#running--;
      this.#schedule();
    }
  }
}
