/** Links to what has a page of its own. Names are anybody's choice, so they are encoded. */

export const jobPath = (id: string): string => `/jobs/${encodeURIComponent(id)}`;
export const queuePath = (name: string): string => `/queues/${encodeURIComponent(name)}`;
export const agentPath = (name: string): string => `/agents/${encodeURIComponent(name)}`;

export const JobLink = ({ id }: { id: string }) => (
  <a class="id" href={jobPath(id)}>
    {id}
  </a>
);
export const QueueLink = ({ name }: { name: string }) => <a href={queuePath(name)}>{name}</a>;
export const AgentLink = ({ name }: { name: string }) => <a href={agentPath(name)}>{name}</a>;
