import { ROLES, type Role } from "../../../shared/roles.ts";
import { isGroupId } from "../../permissions/groups.ts";
import { MIN_SECRET_LENGTH } from "../../tokens/client-secret.ts";
import type { Client } from "../../store/clients.ts";
import type { Page } from "../page.ts";
import { clientPath } from "./clients-page.tsx";
import { durationText, limitLines } from "./limits.ts";

const Secret = ({ required }: { required: boolean }) => (
  <label>
    {required ? "Secret" : "New secret"}
    <input
      type="password"
      name="client_secret"
      minLength={MIN_SECRET_LENGTH}
      autocomplete="new-password"
      required={required}
    />
    <small class="hint">
      {`At least ${MIN_SECRET_LENGTH} characters.${required ? "" : " Empty: the secret stays as it is."}`}
    </small>
  </label>
);

const RoleField = ({ role }: { role: Role | string }) => (
  <label>
    Role
    <select name="role">
      {ROLES.map((name) => (
        <option value={name} selected={name === role}>
          {name}
        </option>
      ))}
    </select>
  </label>
);

const PermissionFields = ({ permissions }: { permissions: Client["permissions"] }) => (
  <>
    <label>
      Priority up to
      <textarea name="max_priority" rows={4} spellcheck={false}>
        {limitLines(permissions.max_priority)}
      </textarea>
      <small class="hint">A line for each queue, such as “rpi4 = 100”; “*” stands for every queue.</small>
    </label>
    <label>
      Reservation up to
      <textarea name="max_reservation_time" rows={4} spellcheck={false}>
        {limitLines(permissions.max_reservation_time, durationText)}
      </textarea>
      <small class="hint">A line for each queue, such as “rpi4 = 12h”. Everybody may reserve for six hours.</small>
    </label>
    <label>
      Patterns of restricted queues
      <textarea name="allowed_queue_patterns" rows={2} spellcheck={false}>
        {permissions.allowed_queue_patterns?.join("\n")}
      </textarea>
      <small class="hint">A line for each, such as “rpi4-*”: lets it submit to all restricted queues that fit.</small>
    </label>
  </>
);

/** The permissions of a client, to be changed. `deletable`: may the viewer delete it? */
export const clientPage = (client: Client, deletable: boolean): Page => ({
  title: `Client - ${client.id}`,
  section: "admin",
  content: (
    <>
      <div class="heading">
        <h1>{`Client - ${client.id}`}</h1>
        {deletable && (
          <a class="button danger" href={`${clientPath(client.id)}/delete`}>
            Delete …
          </a>
        )}
      </div>
      {isGroupId(client.id) && (
        <p>Whoever is in this group of the identity provider may do this, beside what they may do themselves.</p>
      )}
      {client.subject && (
        <p>{`A person who logs in at the identity provider${client.name ? `: ${client.name}` : ""}.`}</p>
      )}
      {client.groups && <p>{`At the last login in the groups: ${client.groups.join(", ")}`}</p>}
      <form method="post" action={clientPath(client.id)} class="stacked">
        {!isGroupId(client.id) && <RoleField role={client.permissions.role ?? "contributor"} />}
        <PermissionFields permissions={client.permissions} />
        {!client.subject && !isGroupId(client.id) && <Secret required={false} />}
        <div class="buttons">
          <button type="submit">Save</button>
          <a class="button" href="/admin">
            Back
          </a>
        </div>
      </form>
    </>
  ),
});

export const newClientPage = (): Page => ({
  title: "New client",
  section: "admin",
  content: (
    <>
      <h1>New client</h1>
      <p>A program, or somebody without an account at the identity provider, that logs in with a secret.</p>
      <form method="post" action="/admin/new-client" class="stacked">
        <label>
          Client id
          <input type="text" name="client_id" autocomplete="off" required />
        </label>
        <Secret required />
        <RoleField role="contributor" />
        <PermissionFields permissions={{}} />
        <div class="buttons">
          <button type="submit">Create</button>
          <a class="button" href="/admin">
            Back
          </a>
        </div>
      </form>
    </>
  ),
});

/** Asks before a client is deleted. */
export const deleteClientPage = ({ id }: Client): Page => ({
  title: "Delete client",
  section: "admin",
  content: (
    <>
      <h1>{`Delete the client ${id}?`}</h1>
      <p>Its logins, its secrets and its ownership of queues go with it. Queues that it owned stay restricted.</p>
      <form method="post" action={`${clientPath(id)}/delete`} class="buttons">
        <button type="submit" class="danger">
          Delete the client
        </button>
        <a class="button" href={clientPath(id)}>
          Keep it
        </a>
      </form>
    </>
  ),
});
