const PERMISSIONS = `  --role ROLE                       admin, manager, contributor or agent
  --email ADDRESS                   whom to ask about the client
  --max-priority QUEUE=N            highest priority of jobs for the queue, * for all; repeatable
  --max-reservation-time QUEUE=TIME longest reservation on the queue (90, 2h30m, 1 day), * for all
                                    queues; everybody has 6 h; repeatable
  --allowed-queue QUEUE             restrict the queue and let the client in; repeatable
  --allowed-queue-pattern PATTERN   let it into all restricted queues whose name fits, * for any
                                    characters; repeatable
  --allowed-agent NAME              agent that the client may act as, * for any characters;
                                    repeatable; without it every one`;

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
  "create-agent": `Usage: testflinger-server admin create-agent NAME [OPTIONS]

Creates an account for the agent NAME, which acts as no other agent where AGENT_BINDING=enforce,
and writes a file with its refresh token in the form that agents read (JSON: refresh_token,
obtained_at), for its owner only. Put it where the agent looks for it, for agents of the original
/var/lib/testflinger-agent/refresh_token. An agent host that renews its token itself needs the
secret, which is printed.

  --allowed-agent NAME              agent that the account may act as, * for any characters;
                                    repeatable (default NAME)
  --token-file FILE                 where the token goes (default NAME.refresh_token)
  --token-days N                    days that the token lives (default 365); it also ends when it
                                    is not used for RETENTION_TOKENS_DAYS
  --renew                           write another token for an agent that exists, over the old file
${JSON_OPTION}

Examples:
  testflinger-server admin create-agent rpi4-1 --token-file refresh_token
  testflinger-server admin create-agent lab-1 --allowed-agent 'lab-1-*'
`,
  "create-person": `Usage: testflinger-server admin create-person ADDRESS [OPTIONS]

Creates an account for a person who has not logged in yet. It becomes theirs with the first login
at the identity provider by which the provider calls the address verified.

${PERMISSIONS.replace("or agent", "or agent (default contributor)").replace(/ {2}--email.*\n/, "")}
${JSON_OPTION}

Example:
  testflinger-server admin create-person olga@example.com --role manager
`,
  link: `Usage: testflinger-server admin link NAME ADDRESS [--json]

Hands the client NAME, which logs in with a secret, over to a person: with their next login at the
identity provider by which the provider calls ADDRESS verified the account becomes theirs. It then
has the address as its name and no secret any more; role, permissions, secrets and jobs stay.

${JSON_OPTION}

Example:
  testflinger-server admin link olga olga@example.com
`,
  "list-clients": `Usage: testflinger-server admin list-clients [--json]

Lists all clients, people and groups with what they may do. What a group may do is not repeated with
its members.

${JSON_OPTION}
`,
  "set-permissions": `Usage: testflinger-server admin set-permissions NAME [OPTIONS]

Changes what is given and leaves the rest as it is. Priorities, reservation times and patterns
replace all former ones of the client. Tokens that are already out keep their permissions for ten
minutes at most; what admins and managers change is decided by the permissions of the moment.

NAME may be group:GROUP. Whoever is in that group of the identity provider (OIDC_GROUPS_CLAIM) may
then do the same, beside what they may do themselves. A group has neither role nor secret.

${PERMISSIONS}
  --remove-allowed-queue QUEUE      shut the client out; with its last owner the restriction of the
                                    queue ends; repeatable
  --clear-max-priority              no priorities any more
  --clear-max-reservation-time      no longer reservations any more
  --clear-allowed-queue-patterns    no patterns any more; restricted queues stay restricted
  --clear-allowed-agents            act as every agent
  --disable                         let the client neither log in nor get new tokens
  --enable                          let it in again
  --ask-secret                      ask for a new secret; logins made with the old one end
${SECRET}
${JSON_OPTION}

${SECRET_RULES}

Examples:
  testflinger-server admin set-permissions ci --role manager --max-priority x86=50
  testflinger-server admin set-permissions group:kernel --allowed-queue-pattern 'rpi4-*'
  testflinger-server admin set-permissions testflinger-admin --ask-secret
`,
  "delete-client": `Usage: testflinger-server admin delete-client NAME [--yes] [--json]

Deletes a client with its refresh tokens and its ownership of queues; these queues stay restricted.
People can log in again and then begin as contributors. Tokens that are already out work for ten
minutes at most.

  --yes                             do not ask
${JSON_OPTION}
`,
  "end-sessions": `Usage: testflinger-server admin end-sessions NAME [--json]

Logs a client or person out everywhere: all refresh tokens are revoked and all browser sessions
end. They can log in again; 'set-permissions NAME --disable' keeps them out.

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
export const COMMAND_LIST = `  create-client NAME     create a client that logs in with a secret
  create-agent NAME      create an account and a token file for an agent
  create-person ADDRESS  create an account for a person before the first login
  link NAME ADDRESS      hand a client over to a person
  list-clients           list clients and what they may do
  set-permissions NAME   change what a client may do, or its secret; disable it
  delete-client NAME     delete a client
  end-sessions NAME      log a client out everywhere
  rotate-secrets-key     seal stored secrets under another key`;

export const OVERVIEW = `Usage: testflinger-server admin COMMAND

Commands for the operator. They work on the database that the server's environment variables name,
also beside a running server.

${COMMAND_LIST}

'testflinger-server admin COMMAND --help' tells more.
`;
