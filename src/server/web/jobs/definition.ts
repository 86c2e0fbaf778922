import { stringify } from "yaml";
import { JobDefinition } from "../../../shared/job/definition.ts";
import type { Job } from "../../store/jobs.ts";

/** Fields of a submission, in the order of the schema. The parent is no part of what is submitted again. */
const SUBMITTED = (Object.keys(JobDefinition.properties) as (keyof JobDefinition)[]).filter(
  (name) => name !== "parent_job_id",
);

const HIDDEN = "********";

/** YAML as people write job files: blocks, long lines left alone, texts of several lines word for word, and what YAML 1.1 would misread in quotes. */
const asYaml = (value: unknown): string =>
  stringify(value, { lineWidth: 0, blockQuote: "literal", compat: "yaml-1.1", aliasDuplicateObjects: false });

/** The definition as it could be submitted again. */
export function definitionYaml({ definition }: Pick<Job, "definition">): string {
  const fields = SUBMITTED.filter((name) => definition[name] !== undefined);
  return asYaml(Object.fromEntries(fields.map((name) => [name, definition[name]])));
}

/** The job without the password of its device, for people whom it is not meant for. */
export function withoutPassword<J extends Pick<Job, "definition">>(job: J): J {
  const { test_data } = job.definition;
  if (test_data?.test_password === undefined) return job;
  return { ...job, definition: { ...job.definition, test_data: { ...test_data, test_password: HIDDEN } } };
}

/** A section as text: mappings and lists as YAML, text word for word; null if there is nothing in it. */
export function sectionText(section: unknown): string | null {
  if (section === undefined || section === null || section === "") return null;
  if (typeof section === "string") return section;
  if (typeof section === "object" && Object.keys(section).length === 0) return null;
  return asYaml(section);
}
