/**
 * The master key of every server under test that keeps secrets. MongoDB has one vault of the reference's data keys for all databases: a key in it
 * that another master key has sealed would stop the servers of tests that run at the same time.
 */
export const SECRETS_MASTER_KEY = new Uint8Array(96).fill(7);

/** As the setting has it. */
export const SECRETS_MASTER_KEY_TEXT = Buffer.from(SECRETS_MASTER_KEY).toString("base64");
