/** What `help` explains besides commands. Lines are at most 80 columns wide; `testflinger` becomes the program's name. */
export const TOPICS: Readonly<Record<string, { readonly summary: string; readonly text: string }>> = {
  "job-file": {
    summary: "how to write a job",
    text: `A job is a YAML or JSON file. The smallest one names a queue:

  job_queue: my-queue

This one installs the device, copies a folder to the agent, and runs commands
next to the device:

  job_queue: my-queue
  name: smoke test
  tags: [nightly]
  provision_data:
    distro: noble
  test_data:
    attachments:
      - local: suite/            # sent along; found in attachments/test/suite
    test_cmds: |
      ssh ubuntu@$DEVICE_IP uptime
      ./attachments/test/suite/run
    secrets:
      API_TOKEN: lab/token       # written before with: testflinger secret write

Which provision_data a queue understands is known to those who run the lab;
list-queues and agent-status --json tell some of it. These are optional:

  global_timeout: 3600           # seconds for the whole job
  output_timeout: 600            # seconds without a line of output
  exclude_agents: [broken-agent]
  reserve_data:                  # keep the device for you afterwards
    ssh_keys: [lp:me, gh:me]
    timeout: 2h30m

Look at what would be sent, without sending it:

  testflinger submit --dry-run job.yaml

YAML is read by the rules of version 1.1, as it always was: yes, no, on and off
are booleans, 010 is 8 and 1:30 is 90. Put such texts into quotes.
`,
  },
  scripts: {
    summary: "patterns for shell scripts and CI",
    text: `Submit, watch, and fail when the job failed:

  testflinger submit --poll --exit-status job.yaml

The same in steps, so that the id of the job is known:

  job_id=$(testflinger submit --quiet job.yaml)
  trap 'testflinger cancel "$job_id"' INT TERM
  testflinger poll "$job_id" --exit-status

Wait for a reserved device, and connect to it:

  testflinger wait "$job_id" --for reserve --timeout 1h
  ssh "$(testflinger status "$job_id" --json | jq -r .connect_to)"

Look at the results of one phase:

  testflinger results "$job_id" | jq -r .test_output

Log in without a person, through the environment:

  export TESTFLINGER_CLIENT_ID=ci TESTFLINGER_SECRET_KEY=...

Nothing is ever asked where there is no terminal, results and ids go to standard
output, and everything else goes to standard error.
`,
  },
  output: {
    summary: "tables, JSON and YAML",
    text: `Commands that print data take --output table, --output json or --output yaml;
--json is short for --output json. The fields are explained by each command's
help; fields may be added in later versions, but keep their names and meanings.

  testflinger submit --json job.yaml | jq -r .job_id
  testflinger list-agents --json | jq -r '.[] | select(.state=="offline").name'
  testflinger search --state active --output yaml

What happens to a job comes as one JSON object per line, its log alone without:

  testflinger poll JOB_ID --events
  testflinger poll JOB_ID --raw > job.log

Colours and live status lines appear on terminals only, and not with NO_COLOR,
--quiet or TERM=dumb. What devices write is shown on terminals without the
control sequences that could do harm there; files and pipes get every byte.
`,
  },
  "exit-status": {
    summary: "what the exit status means",
    text: `  0    success; for poll and status also when the job failed, for admin commands
       also when something could not be done
  1    failure: the reason is on standard error. Also Ctrl-C
  2    wrong command line, with the usage on standard error
  124  wait and submit --wait-timeout: the time is up
  N    poll, submit --poll and wait with --exit-status: the exit code of the
       job's first failed phase; 1 for a cancelled job
  1    admin commands with --exit-status: something could not be done
`,
  },
  environment: {
    summary: "variables, settings and files",
    text: `Options win over the configuration file, which wins over the environment. An
empty variable counts as not set.

  TESTFLINGER_SERVER             URL of the server
  TESTFLINGER_CLIENT_ID          who you are, where no person can log in
  TESTFLINGER_SECRET_KEY         secret key of the client id
  TESTFLINGER_ERROR_THRESHOLD    failed requests in a row between two warnings
  TESTFLINGER_HISTORY_LENGTH     how many jobs are remembered, 10 by default
  TESTFLINGER_REQUIRE_HTTPS      true: refuse servers that are not encrypted
  BROWSER                        program for the login page, see --no-browser
  NO_COLOR, TERM, COLUMNS        what the terminal can do
  HTTPS_PROXY, HTTP_PROXY, NO_PROXY
  REQUESTS_CA_BUNDLE             authorities to trust instead of the usual ones
  XDG_CONFIG_HOME                where the files are, ~/.config by default

Files below that folder, readable for you alone:

  testflinger-cli.conf           settings, see: testflinger config
  testflinger-cli-history.json   your last jobs, see: testflinger jobs
  testflinger-cli/               logins, see: testflinger whoami

Settings, for: testflinger config KEY=VALUE

  server, client_id, secret_key, error_threshold, history_length, require_https
                                 as the variables above
  attachments_tries              how often an upload is tried, 3 by default
  attachments_retry_wait         seconds before the second try, 10 by default
  attachments_timeout            seconds an upload may stand still, 600

Names for completion, and access tokens for client ids until they end, are kept
in ~/.cache/testflinger ($XDG_CACHE_HOME).
`,
  },
};
