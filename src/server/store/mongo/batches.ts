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
  /** Milliseconds after which the next batch no longer waits for one that has not ended. */
  patience: number;
}

interface Call<Request, Answer> extends PromiseWithResolvers<Answer> {
  readonly request: Request;
}

/**
 * Does requests together that come at the same time or while earlier ones are under way, as a group commit does: a round trip costs the driver and the
 * database more than what it carries. A request is never answered from a batch that had begun before it, so that everybody sees what was acknowledged
 * before.
 */
export class Batches<Request, Answer> {
  readonly #options: BatchesOptions<Request, Answer> & { readonly most: number; readonly atOnce: number };
  #waiting: Call<Request, Answer>[] = [];
  #running = 0;
  #scheduled = false;

  constructor(options: BatchesOptions<Request, Answer>) {
    this.#options = { most: 100, atOnce: 2, ...options };
  }

  do(request: Request): Promise<Answer> {
    const call = { request, ...Promise.withResolvers<Answer>() };
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

  async #begin(): Promise<void> {
    const { most, patience, run } = this.#options;
    const calls = this.#waiting.splice(0, most);
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
