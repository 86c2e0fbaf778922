const PERMISSIONS = `  --role ROLE                       admin, manager, contributor or agent
  --email ADDRESS                   whom to ask about the client
  --max-priority QUEUE=N            highest priority of jobs for the queue, * for all; repeatable
  --max-reservation-time QUEUE=TIME longest reservation on the queue (90, 2h30m, 1 day), * for all
                                    queues; everybody has 6 h; repeatable
  --allowed-queue QUEUE             restrict the queue and let the client in; repeatable`;

const SECRET = `  --generate                        make a secret and print it, once
  --secret-stdin                    read the secret from standard input`;

const JSON_OPTION = `  --json                            print JSON`;

const SECRET_RULES = `Secrets have 15 characters at least and 72 bytes at most. They are never taken from the
command line.`;

/** Help of each command, by name. */
export const HELP: Readonly<Record<string, string>> = {
  "create-client": `Usage: testflinger-server admin create-client NAME [OPTIONS]

Creates a client that logs in with a secret: an agent host, a CI system, a person without a login at
the identity provider. Without an option that says where the secret comes from it is asked for.
${SECRET_RULES}

${SECRET}
${PERMISSIONS.replace("or agent", "or agent (default contributor)")}
${JSON_OPTION}

Examples:
  testflinger-server admin create-client lab-1 --role agent --generate
  testflinger-server admin create-client ci --max-priority '*=10' --max-reservation-time x86=12h
  testflinger-server admin create-client testflinger-admin --role admin
`,
  "list-clients": `Usage: testflinger-server admin list-clients [--json]

Lists all clients and people with what they may do.

${JSON_OPTION}
`,
  "set-permissions": `Usage: testflinger-server admin set-permissions NAME [OPTIONS]

Changes what is given and leaves the rest as it is. Priorities and reservation times replace all
former ones of the client. Tokens that are already out keep their permissions for ten minutes at
most.

${PERMISSIONS}
  --remove-allowed-queue QUEUE      shut the client out; with its last owner the restriction of the
                                    queue ends; repeatable
  --clear-max-priority              no priorities any more
  --clear-max-reservation-time      no longer reservations any more
  --ask-secret                      ask for a new secret
${SECRET}
${JSON_OPTION}

${SECRET_RULES}

Examples:
  testflinger-server admin set-permissions ci --role manager --max-priority x86=50
  testflinger-server admin set-permissions testflinger-admin --ask-secret
`,
  "delete-client": `Usage: testflinger-server admin delete-client NAME [--yes] [--json]

Deletes a client with its refresh tokens and its ownership of queues; these queues stay restricted.
People can log in again and then begin as contributors. Tokens that are already out work for ten
minutes at most.

  --yes                             do not ask
${JSON_OPTION}
`,
  "rotate-secrets-key": `Usage: testflinger-server admin rotate-secrets-key [--delete-unreadable] [--json]

Seals all stored secrets under another master key. Nothing stands still meanwhile:

  1. Restart every server with the old key in TESTFLINGER_SECRETS_MASTER_KEY, as before, and the new
     one in TESTFLINGER_SECRETS_NEW_MASTER_KEY. They read secrets of both.
  2. Run this command with the same two variables. It may be interrupted and run again.
  3. Restart every server with the new key in TESTFLINGER_SECRETS_MASTER_KEY and without the other.

  --delete-unreadable               delete secrets whose key is lost; without it they end the command
${JSON_OPTION}
`,
};

/** Every command in one line. */
export const COMMAND_LIST = `  create-client NAME    create a client that logs in with a secret
  list-clients          list clients and what they may do
  set-permissions NAME  change what a client may do, or its secret
  delete-client NAME    delete a client
  rotate-secrets-key    seal stored secrets under another key`;

export const OVERVIEW = `Usage: testflinger-server admin COMMAND

Commands for the operator. They work on the database that the server's environment variables name,
also beside a running server.

${COMMAND_LIST}

'testflinger-server admin COMMAND --help' tells more.
`;
