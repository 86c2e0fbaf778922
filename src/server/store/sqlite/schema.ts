import type { Database } from "bun:sqlite";

/**
 * The schema, as the steps that lead to it; `PRAGMA user_version` counts the steps that a database has made. A step that was released never
 * changes: add another one.
 *
 * Dates are milliseconds since 1970, UTC. Columns with JSON are named for what they hold.
 */
const MIGRATIONS: readonly string[] = [
  `
  CREATE TABLE jobs (
    seq             INTEGER PRIMARY KEY,  -- order of insertion
    id              TEXT NOT NULL UNIQUE,
    created_at      INTEGER NOT NULL,
    started_at      INTEGER,
    ended_at        INTEGER,              -- present exactly when the state is a terminal one
    queue           TEXT NOT NULL,
    priority        INTEGER NOT NULL,
    state           TEXT NOT NULL,
    attachments     TEXT,
    excluded_agents TEXT,                 -- JSON array; null when empty
    agent           TEXT,
    leased_until    INTEGER,
    reported        INTEGER NOT NULL DEFAULT 0,
    submitter       TEXT,
    secrets_owner   TEXT,
    status          TEXT NOT NULL DEFAULT '{}',
    device_info     TEXT,
    definition      TEXT NOT NULL         -- last, so that a state poll does not page through it
  ) STRICT;
  CREATE INDEX jobs_in_pop_order ON jobs (queue, priority DESC, created_at, seq, attachments) WHERE state = 'waiting';
  CREATE INDEX jobs_by_queue ON jobs (queue, created_at);
  CREATE INDEX jobs_by_state ON jobs (state, created_at);
  CREATE INDEX jobs_by_end ON jobs (ended_at, created_at);
  CREATE INDEX jobs_by_lease ON jobs (agent) WHERE leased_until IS NOT NULL;
  CREATE INDEX jobs_by_submitter ON jobs (submitter) WHERE submitter IS NOT NULL;
  CREATE INDEX jobs_by_secrets_owner ON jobs (secrets_owner) WHERE secrets_owner IS NOT NULL;
  CREATE TABLE job_tags (
    tag TEXT NOT NULL,
    job INTEGER NOT NULL REFERENCES jobs ON DELETE CASCADE,
    PRIMARY KEY (tag, job)
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX job_tags_by_job ON job_tags (job);

  CREATE TABLE logs (
    job_id     TEXT NOT NULL,
    type       TEXT NOT NULL,
    number     INTEGER NOT NULL,
    phase      TEXT NOT NULL,
    timestamp  INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    data       TEXT NOT NULL,
    PRIMARY KEY (job_id, type, number)
  ) STRICT;

  CREATE TABLE files (
    id         INTEGER PRIMARY KEY AUTOINCREMENT,  -- never used again: a slow reader must not meet the chunks of another file
    job_id     TEXT NOT NULL,
    kind       TEXT NOT NULL,
    length     INTEGER NOT NULL DEFAULT 0,
    created_at INTEGER NOT NULL,
    state      TEXT NOT NULL CHECK (state IN ('incoming', 'complete', 'discarded'))
  ) STRICT;
  CREATE UNIQUE INDEX files_complete ON files (job_id, kind) WHERE state = 'complete';
  CREATE INDEX files_by_state ON files (state, created_at);
  CREATE TABLE file_chunks (
    file INTEGER NOT NULL REFERENCES files,
    n    INTEGER NOT NULL,
    data BLOB NOT NULL,
    PRIMARY KEY (file, n)
  ) STRICT;

  CREATE TABLE agents (
    name           TEXT PRIMARY KEY,
    updated_at     INTEGER NOT NULL,
    identifier     TEXT,
    job_id         TEXT,
    location       TEXT,
    provision_type TEXT,
    state          TEXT,
    comment        TEXT,
    queues         TEXT,                          -- JSON array, as reported
    streak_type    TEXT,
    streak_count   INTEGER,
    log            TEXT NOT NULL DEFAULT '[]'     -- JSON array
  ) STRICT;
  CREATE INDEX agents_by_report ON agents (updated_at);
  CREATE TABLE agent_queues (
    queue TEXT NOT NULL,
    agent TEXT NOT NULL REFERENCES agents ON DELETE CASCADE,
    PRIMARY KEY (queue, agent)
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX agent_queues_by_agent ON agent_queues (agent);
  CREATE TABLE provision_attempts (
    agent     TEXT NOT NULL REFERENCES agents ON DELETE CASCADE,
    n         INTEGER NOT NULL,
    job_id    TEXT NOT NULL,
    exit_code INTEGER NOT NULL,
    detail    TEXT,
    timestamp INTEGER NOT NULL,
    PRIMARY KEY (agent, n)
  ) STRICT;

  CREATE TABLE queues (
    name        TEXT PRIMARY KEY,
    description TEXT NOT NULL DEFAULT '',
    updated_at  INTEGER,                          -- null: never advertised, has images only
    images      TEXT NOT NULL DEFAULT '{}'
  ) STRICT;
  CREATE INDEX queues_by_advertisement ON queues (updated_at) WHERE updated_at IS NOT NULL;
  CREATE TABLE wait_times (
    queue   TEXT NOT NULL,
    n       INTEGER NOT NULL,
    seconds REAL NOT NULL,
    PRIMARY KEY (queue, n)
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE restricted_queues (queue TEXT PRIMARY KEY) STRICT, WITHOUT ROWID;

  CREATE TABLE clients (
    id                   TEXT PRIMARY KEY,
    secret_hash          TEXT,
    role                 TEXT,
    max_priority         TEXT,                    -- JSON object
    max_reservation_time TEXT,                    -- JSON object
    email                TEXT,
    sub                  TEXT,
    issuer               TEXT,
    name                 TEXT,
    created_at           INTEGER,
    last_login           INTEGER,
    was_let_in           INTEGER NOT NULL DEFAULT 0  -- ever to a restricted queue: an empty list is told then, none otherwise
  ) STRICT;
  CREATE UNIQUE INDEX clients_by_subject ON clients (sub, issuer) WHERE sub IS NOT NULL;
  CREATE INDEX clients_by_login ON clients (last_login) WHERE sub IS NOT NULL;
  CREATE TABLE allowed_queues (
    client TEXT NOT NULL REFERENCES clients ON DELETE CASCADE ON UPDATE CASCADE,
    queue  TEXT NOT NULL,
    PRIMARY KEY (client, queue)
  ) STRICT;
  CREATE INDEX allowed_queues_by_queue ON allowed_queues (queue, client);
  CREATE TRIGGER client_let_in AFTER INSERT ON allowed_queues BEGIN
    UPDATE clients SET was_let_in = 1 WHERE id = NEW.client;
  END;

  CREATE TABLE refresh_tokens (
    id            TEXT PRIMARY KEY,
    hash          TEXT NOT NULL UNIQUE,           -- SHA-256 of the token, hexadecimal
    client_id     TEXT NOT NULL,
    issued_at     INTEGER NOT NULL,
    expires_at    INTEGER NOT NULL,
    revoked       INTEGER NOT NULL DEFAULT 0,
    last_accessed INTEGER NOT NULL
  ) STRICT;
  CREATE INDEX refresh_tokens_by_client ON refresh_tokens (client_id, issued_at);
  CREATE INDEX refresh_tokens_by_use ON refresh_tokens (last_accessed);

  CREATE TABLE device_logins (
    request_hash       TEXT PRIMARY KEY,
    sealed_device_code TEXT NOT NULL,
    interval           INTEGER NOT NULL,
    next_poll_at       INTEGER NOT NULL,
    expires_at         INTEGER NOT NULL,
    code_challenge     TEXT,
    sealed_identity    TEXT,
    claim_id           TEXT,
    claimed_until      INTEGER,
    redeemed           INTEGER NOT NULL DEFAULT 0
  ) STRICT;
  CREATE INDEX device_logins_by_expiry ON device_logins (expires_at);

  CREATE TABLE secrets (
    owner      TEXT NOT NULL,
    path       TEXT NOT NULL,
    sealed     BLOB NOT NULL,
    key_id     TEXT NOT NULL,
    ephemeral  INTEGER NOT NULL,
    expires_at INTEGER,
    updated_at INTEGER NOT NULL,
    PRIMARY KEY (owner, path)
  ) STRICT;
  CREATE INDEX secrets_by_key ON secrets (key_id);
  CREATE INDEX secrets_by_expiry ON secrets (expires_at) WHERE expires_at IS NOT NULL;
  `,
  `
  -- What people see of jobs: lists by age, and when a job came into which state.
  CREATE TABLE job_history (
    job   INTEGER NOT NULL REFERENCES jobs ON DELETE CASCADE,
    n     INTEGER NOT NULL,
    state TEXT NOT NULL,
    at    INTEGER NOT NULL,
    PRIMARY KEY (job, n)
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX jobs_by_age ON jobs (created_at);
  CREATE INDEX jobs_by_agent ON jobs (agent, created_at) WHERE agent IS NOT NULL;
  DROP INDEX jobs_by_submitter;
  CREATE INDEX jobs_by_submitter ON jobs (submitter, created_at) WHERE submitter IS NOT NULL;
  CREATE INDEX jobs_active ON jobs (queue, state) WHERE ended_at IS NULL;

  -- Lines and bytes of a log are counted in an index, without its text.
  ALTER TABLE logs ADD COLUMN lines INTEGER AS (octet_length(data) - octet_length(replace(data, char(10), ''))) VIRTUAL;
  ALTER TABLE logs ADD COLUMN bytes INTEGER AS (octet_length(data)) VIRTUAL;
  CREATE INDEX logs_by_extent ON logs (job_id, type, number, phase, lines, bytes);
  `,
  `
  CREATE TABLE browser_sessions (
    id              TEXT PRIMARY KEY,
    hash            TEXT NOT NULL UNIQUE,  -- of the cookie's value
    client_id       TEXT NOT NULL,
    created_at      INTEGER NOT NULL,
    last_seen_at    INTEGER NOT NULL,
    idle_until      INTEGER NOT NULL,
    expires_at      INTEGER NOT NULL,
    sealed_id_token TEXT
  ) STRICT;
  CREATE INDEX browser_sessions_by_client ON browser_sessions (client_id, created_at);
  CREATE INDEX browser_sessions_by_idleness ON browser_sessions (idle_until);
  CREATE INDEX browser_sessions_by_expiry ON browser_sessions (expires_at);
  `,
  `
  -- A login's refresh token may be replaced; those that were are remembered, so that their use tells a thief.
  ALTER TABLE refresh_tokens ADD COLUMN previous_hash TEXT;
  ALTER TABLE refresh_tokens ADD COLUMN replaced_at INTEGER;
  CREATE TABLE replaced_refresh_tokens (
    hash        TEXT PRIMARY KEY,
    login       TEXT NOT NULL,
    replaced_at INTEGER NOT NULL
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX replaced_refresh_tokens_by_time ON replaced_refresh_tokens (replaced_at);
  `,
  `
  CREATE TABLE attempts (
    key            TEXT PRIMARY KEY,
    count          INTEGER NOT NULL,
    window_ends_at INTEGER NOT NULL
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX attempts_by_end ON attempts (window_ends_at);
  `,
  `
  ALTER TABLE clients ADD COLUMN allowed_agents TEXT;          -- JSON array; null: every agent
  ALTER TABLE clients ADD COLUMN disabled INTEGER NOT NULL DEFAULT 0;
  ALTER TABLE clients ADD COLUMN expected_email TEXT;
  CREATE INDEX clients_by_expected_email ON clients (expected_email) WHERE expected_email IS NOT NULL;
  `,
  `
  -- Attachments that arrive in parts: their file is incoming until it is whole.
  CREATE TABLE uploads (
    job_id     TEXT PRIMARY KEY,
    id         TEXT NOT NULL,
    file       INTEGER NOT NULL UNIQUE REFERENCES files,
    length     INTEGER NOT NULL,
    sha256     TEXT NOT NULL,
    received   INTEGER NOT NULL DEFAULT 0,
    turn       INTEGER NOT NULL DEFAULT 0,   -- of the request that may append
    complete   INTEGER NOT NULL DEFAULT 0,
    updated_at INTEGER NOT NULL
  ) STRICT;
  CREATE INDEX uploads_by_use ON uploads (updated_at);
  CREATE TRIGGER upload_without_file AFTER UPDATE OF state ON files WHEN NEW.state = 'discarded' BEGIN
    DELETE FROM uploads WHERE file = NEW.id;
  END;
  `,
  `
  -- What an owner recognises a login by.
  ALTER TABLE refresh_tokens ADD COLUMN kind TEXT;
  ALTER TABLE refresh_tokens ADD COLUMN address TEXT;
  ALTER TABLE browser_sessions ADD COLUMN address TEXT;
  `,
  `
  ALTER TABLE jobs ADD COLUMN parent TEXT AS (definition ->> '$.parent_job_id') VIRTUAL;
  CREATE INDEX jobs_by_parent ON jobs (parent, created_at) WHERE parent IS NOT NULL;
  `,
  `
  ALTER TABLE clients ADD COLUMN allowed_queue_patterns TEXT;  -- JSON array; null: none
  ALTER TABLE clients ADD COLUMN member_of TEXT;               -- JSON array of groups of the identity provider; null: none
  CREATE INDEX clients_with_queue_patterns ON clients (allowed_queue_patterns) WHERE allowed_queue_patterns IS NOT NULL;
  `,
];

/** The database was written by a later version of the server, whose schema this one does not know. */
export class SchemaTooNew extends Error {
  override readonly name = "SchemaTooNew";

  constructor(path: string, found: number) {
    super(
      `The database ${path} was written by a newer version of Testflinger (schema ${found}; this version knows ${MIGRATIONS.length}). ` +
        "Use that version or a later one, or another data directory.",
    );
  }
}

/**
 * Brings the database to the current schema. Each step is one transaction, so that a crash or another process in between leaves a whole one.
 *
 * @throws {SchemaTooNew}
 */
export function migrate(database: Database, path: string): void {
  const step = database.transaction(() => {
    const { user_version: done } = database.query("PRAGMA user_version").get() as { user_version: number };
    if (done > MIGRATIONS.length) throw new SchemaTooNew(path, done);
    if (done === MIGRATIONS.length) return false;
    database.run(MIGRATIONS[done]!);
    database.run(`PRAGMA user_version = ${done + 1}`);
    return true;
  });
  while (step.immediate());
}
