import type { Clock, Context, MessageOutput } from "../context.ts";
import { TerminalScreen } from "../poll/terminal-screen.ts";
import { isLive } from "./live.ts";

/** A redraw more often than this cannot be read, and would slow down a fast transfer. */
const REDRAW_MS = 200;

export interface TransferProgress {
  /** Bytes so far, of `total` if that is known. */
  readonly done: number;
  readonly total: number | undefined;
}

/** One line that tells how far an upload or a download is (W23); nothing where no line can be redrawn. */
export class TransferDisplay {
  readonly #isShown: boolean;
  #drawn: { readonly screen: TerminalScreen; at: number } | undefined;

  /** @param title for example `Uploading attachments` */
  constructor(
    private readonly title: string,
    private readonly output: MessageOutput,
    private readonly clock: Clock,
    env: Context["env"],
  ) {
    this.#isShown = isLive(output, env);
  }

  show(progress: TransferProgress): void {
    const now = this.clock.elapsed();
    const isDue = this.#drawn === undefined || now - this.#drawn.at >= REDRAW_MS;
    if (!this.#isShown || !isDue) return;
    this.#drawn ??= { screen: new TerminalScreen(this.output, this.output), at: now };
    this.#drawn.screen.status(`${this.title}: ${amount(progress)}`);
    this.#drawn.at = now;
  }

  clear(): void {
    this.#drawn?.screen.close();
    this.#drawn = undefined;
  }
}

function amount({ done, total }: TransferProgress): string {
  if (total === undefined) return `${megabytes(done)} MB`;
  const percent = total === 0 ? 100 : Math.floor((done / total) * 100);
  return `${percent} % of ${megabytes(total)} MB`;
}

const megabytes = (bytes: number): string => (bytes / 1e6).toFixed(bytes < 1e7 ? 1 : 0);
