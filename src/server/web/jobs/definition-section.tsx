import type { Job } from "../../store/jobs.ts";
import { type Tab, Tabs } from "../parts/tabs.tsx";
import { definitionYaml, sectionText } from "./definition.ts";
import { Code } from "./highlight.tsx";

function section(id: string, title: string, text: string | null, language: "yaml" | "bash"): Tab[] {
  return text === null ? [] : [{ id, title, content: <Code text={text} language={language} /> }];
}

/** What was submitted (web section 3.5). */
export const DefinitionSection = ({ job }: { job: Job }) => {
  const { provision_data, firmware_update_data, test_data } = job.definition;
  const yaml = definitionYaml(job);
  const tabs = [
    ...section("job-yaml", "Job YAML", yaml, "yaml"),
    ...section("provision-data", "Provision Data", sectionText(provision_data), "yaml"),
    ...section("firmware-update-data", "Firmware Update Data", sectionText(firmware_update_data), "yaml"),
    ...(sectionText(test_data) === null
      ? []
      : section("test-data", "Test Script", String(test_data?.test_cmds ?? ""), "bash")),
  ];
  return (
    <section id="job-definition">
      <div class="heading">
        <h2>Job Definition</h2>
        <button type="button" class="needs-script" data-copy-target="#job-yaml-content">
          Copy job YAML
        </button>
      </div>
      <Tabs label="Job definition" tabs={tabs} />
      <div id="job-yaml-content" hidden>
        {yaml}
      </div>
    </section>
  );
};
