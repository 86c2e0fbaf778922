import { encoded } from "./encoded.ts";

/** Links to what has a page of its own. Names are anybody's choice, so they are encoded. */

export const jobPath = (id: string): string => `/jobs/${encoded(id)}`;
export const queuePath = (name: string): string => `/queues/${encoded(name)}`;
export const agentPath = (name: string): string => `/agents/${encoded(name)}`;

export const JobLink = ({ id }: { id: string }) => (
  <a class="id" href={jobPath(id)}>
    {id}
  </a>
);
export const QueueLink = ({ name }: { name: string }) => <a href={queuePath(name)}>{name}</a>;
export const AgentLink = ({ name }: { name: string }) => <a href={agentPath(name)}>{name}</a>;
