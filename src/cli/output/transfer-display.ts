import type { Clock, Context, Output } from "../context.ts";
import { isLive } from "./live.ts";

/** A redraw more often than this cannot be read, and would slow down a fast transfer. */
const REDRAW_MS = 200;
const ERASE_LINE = "\r\u001b[K";

export interface TransferProgress {
  /** Bytes so far, of `total` if that is known. */
  readonly done: number;
  readonly total: number | undefined;
}

/** One line that tells how far an upload or a download is (W23); nothing where no line can be redrawn. */
export class TransferDisplay {
  readonly #isShown: boolean;
  #drawnAt: number | undefined;

  /** @param title for example `Uploading attachments` */
  constructor(
    private readonly title: string,
    private readonly output: Output,
    private readonly clock: Clock,
    env: Context["env"],
  ) {
    this.#isShown = isLive(output, env);
  }

  show(progress: TransferProgress): void {
    const now = this.clock.elapsed();
    const isDue = this.#drawnAt === undefined || now - this.#drawnAt >= REDRAW_MS;
    if (!this.#isShown || !isDue) return;
    this.output.write(ERASE_LINE + `${this.title}: ${amount(progress)}`.slice(0, this.output.columns - 1));
    this.#drawnAt = now;
  }

  clear(): void {
    if (this.#drawnAt === undefined) return;
    this.output.write(ERASE_LINE);
    this.#drawnAt = undefined;
  }
}

function amount({ done, total }: TransferProgress): string {
  if (total === undefined) return `${megabytes(done)} MB`;
  const percent = total === 0 ? 100 : Math.floor((done / total) * 100);
  return `${percent} % of ${megabytes(total)} MB`;
}

const megabytes = (bytes: number): string => (bytes / 1e6).toFixed(bytes < 1e7 ? 1 : 0);
