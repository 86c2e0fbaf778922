import type { ComponentChildren } from "preact";

/** Entries of the navigation. */
export type Section = "agents" | "jobs" | "queues" | "admin";

/** What a page shows within the layout that all of them have. */
export interface Page {
  /** Without the name of the site. */
  readonly title: string;
  /** Default 200. */
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  /** The entry of the navigation that the page belongs to. */
  readonly section?: Section;
  /** Path of the stream that tells that the page has changed; absent: it never does. */
  readonly live?: string;
  readonly content: ComponentChildren;
}
