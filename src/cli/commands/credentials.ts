/**
 * The credential options of `login`, `submit`, `reserve`, `secret …` and `admin …` (command-line section 3.2). Spread
 * them into `args`; the program itself checks that both or none are given and passes them to the settings.
 */
export const credentialOptions = {
  "client-id": {
    type: "string",
    alias: "client_id",
    valueHint: "ID",
    description: "client id to authenticate with; needs --secret-key too",
  },
  "secret-key": {
    type: "string",
    alias: "secret_key",
    valueHint: "KEY",
    description: "secret key of the client id",
  },
} as const;
