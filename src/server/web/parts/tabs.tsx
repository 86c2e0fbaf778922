import type { ComponentChildren } from "preact";

export interface Tab {
  /** Id of its panel. */
  readonly id: string;
  readonly title: ComponentChildren;
  readonly content: ComponentChildren;
}

/** Tabs of which one panel is open at a time. Without script all are. */
export const Tabs = ({ label, tabs, open }: { label: string; tabs: readonly Tab[]; open?: string }) => {
  const selected = tabs.some(({ id }) => id === open) ? open : tabs[0]?.id;
  return (
    <div class="tabs">
      <div role="tablist" aria-label={label} class="needs-script">
        {tabs.map(({ id, title }) => (
          <button
            type="button"
            role="tab"
            id={`${id}-tab`}
            aria-controls={id}
            aria-selected={id === selected ? "true" : "false"}
            tabIndex={id === selected ? 0 : -1}
          >
            {title}
          </button>
        ))}
      </div>
      {tabs.map(({ id, content }) => (
        <div role="tabpanel" id={id} aria-labelledby={`${id}-tab`} class={id === selected ? "open" : undefined}>
          {content}
        </div>
      ))}
    </div>
  );
};
