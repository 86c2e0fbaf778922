import { isGroupId } from "../../permissions/groups.ts";
import type { Client } from "../../store/clients.ts";
import type { Page } from "../page.ts";
import { QueueLink } from "../parts/links.tsx";
import { Heading } from "../parts/heading.tsx";
import { matches, SearchBox } from "../parts/search.tsx";
import { Time } from "../parts/time.tsx";
import { durationText, limitLines } from "./limits.ts";
import { encoded } from "../parts/encoded.ts";
import { Column } from "../parts/column.tsx";

export const clientPath = (id: string): string => `/admin/clients/${encoded(id)}`;

/** Names first, then patterns. */
const ownedQueues = ({ allowed_queues = [], allowed_queue_patterns = [] }: Client["permissions"]) => [
  ...allowed_queues,
  ...allowed_queue_patterns,
];

const ClientRow = ({ client: { id, name, permissions, lastLogin } }: { client: Client }) => (
  <tr id={`client-${id}`} class="searchable-row">
    <td data-label="Client">
      <a href={clientPath(id)}>{id}</a>
    </td>
    <td data-label="Name">{name}</td>
    <td data-label="Role">{isGroupId(id) ? "" : (permissions.role ?? "contributor")}</td>
    <td data-label="Priority" class="detail">
      {limitLines(permissions.max_priority)}
    </td>
    <td data-label="Reservation" class="detail">
      {limitLines(permissions.max_reservation_time, durationText)}
    </td>
    <td data-label="Queues">{ownedQueues(permissions).join(", ")}</td>
    <td data-label="Last login">{lastLogin && <Time at={lastLogin} />}</td>
  </tr>
);

const CLIENT_HEADERS = [
  "Client",
  "Name",
  "Role",
  "Priority up to",
  "Reservation up to",
  "Restricted queues",
  "Last login",
];

const Clients = ({ clients }: { clients: readonly Client[] }) => (
  <table class="p-table--mobile-card" data-sortable>
    <thead>
      <tr>
        {CLIENT_HEADERS.map((text) => (
          <Column>{text}</Column>
        ))}
      </tr>
    </thead>
    <tbody>
      {clients.map((client) => (
        <ClientRow client={client} />
      ))}
    </tbody>
  </table>
);

export interface RestrictedQueue {
  readonly queue: string;
  readonly owners: readonly string[];
}

/** A named owner can be removed; whom a pattern lets in has it changed at its own page. */
const PatternOwner = ({ owner }: { owner: string }) => (
  <p>
    <a href={clientPath(owner)}>{owner}</a> by a pattern
  </p>
);

const Owner = ({ queue, owner }: { queue: string; owner: string }) => (
  <form method="post" action="/admin/queues/remove-owner">
    <input type="hidden" name="queue" value={queue} />
    <input type="hidden" name="client_id" value={owner} />
    {`${owner} `}
    <button type="submit" class="danger">
      Remove<span class="visually-hidden">{` ${owner} from ${queue}`}</span>
    </button>
  </form>
);

const RestrictedQueues = ({
  restricted,
  clients,
}: {
  restricted: readonly RestrictedQueue[];
  clients: readonly Client[];
}) => {
  const named = new Map(clients.map(({ id, permissions }) => [id, permissions.allowed_queues]));
  const ownerOf = (queue: string, owner: string) =>
    named.get(owner)?.includes(queue) ? <Owner queue={queue} owner={owner} /> : <PatternOwner owner={owner} />;
  return (
    <section id="restricted-queues">
      <h2>Restricted queues</h2>
      <p>Only the owners of such a queue may submit jobs to it. The restriction ends with the last owner.</p>
      {restricted.length === 0 ? (
        <p class="empty">No queue is restricted.</p>
      ) : (
        <table class="p-table--mobile-card">
          <thead>
            <tr>
              <th scope="col">Queue</th>
              <th scope="col">Owners</th>
            </tr>
          </thead>
          <tbody>
            {restricted.map(({ queue, owners }) => (
              <tr>
                <td data-label="Queue">
                  <QueueLink name={queue} />
                </td>
                <td data-label="Owners">
                  {owners.length === 0 ? "nobody" : owners.map((owner) => ownerOf(queue, owner))}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
      <h3>Restrict a queue, or add an owner</h3>
      <form method="post" action="/admin/queues/add-owner" class="fields">
        <label>
          Queue
          <input type="text" name="queue" required />
        </label>
        <label>
          Client
          <input type="text" name="client_id" required />
          <small class="hint">Or group:NAME for the members of a group of the identity provider.</small>
        </label>
        <button type="submit">Add</button>
      </form>
    </section>
  );
};

const texts = ({ id, name, permissions, groups = [] }: Client) => [
  id,
  name,
  permissions.role ?? "contributor",
  ...groups,
  ...ownedQueues(permissions),
  ...Object.keys(permissions.max_priority ?? {}),
  ...Object.keys(permissions.max_reservation_time ?? {}),
];

/** Who may do what. */
export const administrationPage = (
  clients: readonly Client[],
  restricted: readonly RestrictedQueue[],
  search: string,
): Page => ({
  title: "Administration",
  section: "admin",
  content: (
    <>
      <Heading text="Administration">
        <SearchBox label="Search clients" value={search} />
      </Heading>
      <section>
        <div class="heading">
          <h2>Clients and permissions</h2>
          <a class="button" href="/admin/new-client">
            New client …
          </a>
        </div>
        <div id="clients" data-region>
          <Clients clients={clients.filter((client) => matches(search, texts(client)))} />
        </div>
      </section>
      <RestrictedQueues restricted={restricted} clients={clients} />
    </>
  ),
});
