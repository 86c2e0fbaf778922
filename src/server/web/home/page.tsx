import type { Page } from "../page.ts";
import { type Overview, OverviewSections } from "./overview.tsx";

const ISSUES = "https://github.com/canonical/testflinger/issues";
const CONTRIBUTING = "https://github.com/canonical/testflinger/blob/main/CONTRIBUTING.md";

/** @param overview null for people who may not see the lab: they learn nothing of it, not even its parts (web section 3.1) */
export const homePage = (overview: Overview | null): Page => ({
  title: "Home",
  live: overview === null ? undefined : "/events?topic=jobs&topic=agents",
  content: (
    <>
      <h1>Welcome to Testflinger</h1>
      <p>Testflinger gives test work to real devices in a lab and brings back what they did.</p>
      {overview !== null && <OverviewSections overview={overview} />}
      <section>
        <h2>Contact Us</h2>
        <ul>
          <li>
            <a href={ISSUES}>Report a problem or ask for a feature</a>
          </li>
          <li>
            <a href={CONTRIBUTING}>Contribute to Testflinger</a>
          </li>
        </ul>
      </section>
    </>
  ),
});
