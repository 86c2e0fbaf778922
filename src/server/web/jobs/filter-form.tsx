import { TEXT_FIELDS } from "./filter.ts";
import { PHASES } from "../../../shared/phases.ts";

const STATES: readonly (readonly [value: string, text: string])[] = [
  ["", "any state"],
  ["active", "not ended"],
  ["waiting", "waiting"],
  ["started", "with an agent"],
  ["running", "running"],
  ...PHASES.map((phase) => [phase, phase] as const),
  ["allocated", "allocated"],
  ["complete", "complete"],
  ["cancelled", "cancelled"],
];

const LABELS: Readonly<Record<(typeof TEXT_FIELDS)[number], string>> = {
  queue: "Queue",
  tag: "Tag",
  submitter: "Submitted by",
  agent: "Agent",
};

const FURTHER = [...TEXT_FIELDS, "since", "until"];

/** Filters of the list, which stand in its URL. */
export const FilterForm = ({ parameters }: { parameters: URLSearchParams }) => {
  const state = parameters.get("state") ?? "";
  const value = (name: string) => parameters.get(name) ?? "";
  return (
    <form class="p-search-box filters" role="search" method="get" action="/jobs">
      <label class="visually-hidden" for="search">
        Search jobs
      </label>
      <input
        id="search"
        type="search"
        name="search"
        placeholder="Search jobs"
        value={value("search")}
        autocomplete="off"
      />
      <label>
        <span class="visually-hidden">State</span>
        <select name="state">
          {STATES.map(([name, text]) => (
            <option value={name} selected={name === state}>
              {text}
            </option>
          ))}
          {!STATES.some(([name]) => name === state) && (
            <option value={state} selected>
              {state}
            </option>
          )}
        </select>
      </label>
      <button type="submit">Search</button>
      <details open={FURTHER.some((name) => value(name) !== "")}>
        <summary>More filters</summary>
        <div class="fields">
          {TEXT_FIELDS.map((name) => (
            <label>
              {LABELS[name]}
              <input type="text" name={name} value={value(name)} />
            </label>
          ))}
          <label>
            Submitted from
            <input type="date" name="since" value={value("since")} />
          </label>
          <label>
            Submitted until
            <input type="date" name="until" value={value("until")} />
          </label>
        </div>
        <a href="/jobs">Clear all filters</a>
      </details>
    </form>
  );
};
