/** What is wrong with the text of a job, and where. Lines and columns count from 1. */
export class JobSyntaxError extends SyntaxError {
  override readonly name = "JobSyntaxError";

  constructor(
    readonly reason: string,
    readonly line: number,
    readonly column: number,
  ) {
    super(`${line}:${column}: ${reason}`);
  }
}
