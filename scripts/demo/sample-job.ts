/**
 * The sample job of the README: its first YAML block.
 *
 * @throws Error when the README has none
 */
export function sampleJob(readme: string): string {
  const job = /^```yaml\n(.*?)^```$/ms.exec(readme)?.[1];
  if (job === undefined) throw new Error("README.md has no ```yaml block with a sample job");
  return job;
}
