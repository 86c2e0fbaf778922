import type { JobSearch, JobStore } from "../jobs.ts";
import type { Connection, Values } from "./connection.ts";
import { LISTING_COLUMNS, type ListingRow, toListing } from "./job-rows.ts";

/** Lists of jobs. */
export function jobListings(connection: Connection): Pick<JobStore, "search" | "inQueue" | "children" | "states"> {
  const listing = (condition: string, order: string) =>
    connection.prepare<ListingRow>(`SELECT ${LISTING_COLUMNS} FROM jobs WHERE ${condition} ORDER BY ${order}`);
  const newestFirst = "created_at DESC, seq DESC";
  const tagged = `seq IN (SELECT job FROM job_tags WHERE tag IN (SELECT value FROM json_each($tags)) GROUP BY job HAVING count(*) >= $needed)`;
  const inStates = "state IN (SELECT value FROM json_each($states))";
  const active = "ended_at IS NULL";
  const searches = {
    all: listing("true", newestFirst),
    active: listing(active, newestFirst),
    inStates: listing(inStates, newestFirst),
    tagged: listing(tagged, newestFirst),
    // The unary plus keeps the index of the states out of it: the tags are what narrows the search.
    taggedActive: listing(`${tagged} AND +${active}`, newestFirst),
    taggedInStates: listing(`${tagged} AND +${inStates}`, newestFirst),
  };
  const inQueue = listing("queue = $queue", "created_at, seq");
  const children = listing("parent = $parent AND submitter IS $submitter", "created_at, seq");
  const states = connection.prepare<{ id: string; state: string }>(
    "SELECT id, state FROM jobs WHERE id IN (SELECT value FROM json_each($ids))",
  );

  const find = (search: JobSearch): ListingRow[] => {
    const states: Values = search.active ? {} : { states: JSON.stringify(search.states) };
    const kind = search.active ? "Active" : search.states.length > 0 ? "InStates" : "";
    if (search.tags.length === 0) {
      if (kind === "") return searches.all.all();
      return kind === "Active" ? searches.active.all() : searches.inStates.all(states);
    }
    const tags = [...new Set(search.tags)];
    const needed = search.match === "all" ? tags.length : 1;
    return searches[`tagged${kind}`].all({ tags: JSON.stringify(tags), needed, ...states });
  };

  return {
    search: (search) => connection.read(() => find(search).map(toListing)),
    inQueue: (queue) => connection.read(() => inQueue.all({ queue }).map(toListing)),
    children: (parent, submitter) =>
      connection.read(() => children.all({ parent, submitter: submitter ?? null }).map(toListing)),
    states: (ids) =>
      connection.read(() => new Map(states.all({ ids: JSON.stringify(ids) }).map(({ id, state }) => [id, state]))),
  };
}
