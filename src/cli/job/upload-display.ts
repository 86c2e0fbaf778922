import type { UploadProgress } from "../api/file-upload.ts";
import type { Clock, Output } from "../context.ts";

/** A redraw more often than this cannot be read, and would slow down a fast upload. */
const REDRAW_MS = 200;
const ERASE_LINE = "\r\u001b[K";

/** One line that tells how far an upload is (W23); nothing where there is no terminal. */
export class UploadDisplay {
  private drawnAt: number | undefined;

  constructor(
    private readonly output: Output,
    private readonly clock: Clock,
  ) {}

  show({ sent, total }: UploadProgress): void {
    const now = this.clock.elapsed();
    const isDue = this.drawnAt === undefined || now - this.drawnAt >= REDRAW_MS;
    if (!this.output.isTTY || !isDue) return;
    const percent = total === 0 ? 100 : Math.floor((sent / total) * 100);
    const text = `Uploading attachments: ${percent} % of ${megabytes(total)} MB`;
    this.output.write(ERASE_LINE + text.slice(0, this.output.columns - 1));
    this.drawnAt = now;
  }

  clear(): void {
    if (this.drawnAt === undefined) return;
    this.output.write(ERASE_LINE);
    this.drawnAt = undefined;
  }
}

const megabytes = (bytes: number): string => (bytes / 1e6).toFixed(bytes < 1e7 ? 1 : 0);
