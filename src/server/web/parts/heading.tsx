import type { ComponentChildren } from "preact";

/** Heading of a page with what stands beside it. */
export const Heading = ({ text, help, children }: { text: string; help?: string; children?: ComponentChildren }) => (
  <div class="heading">
    <h1>
      {text}
      {help !== undefined && (
        <a class="help" href={help}>
          <span aria-hidden="true">?</span>
          <span class="visually-hidden">Help</span>
        </a>
      )}
    </h1>
    {children}
  </div>
);
