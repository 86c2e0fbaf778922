import { fields, flag, integer, nullable, optional, text } from "../../shared/wire.ts";

/** Seconds that a secret lives when nothing is said: a year. */
export const DEFAULT_LIFETIME = 31_536_000;

export const SecretBody = fields(
  {
    value: text({ minLength: 1, description: "The secret" }),
    expire_after: optional(
      nullable(
        integer({
          minimum: 1,
          description: `Lifetime in seconds; null: for ever; absent: a year (${DEFAULT_LIFETIME})`,
        }),
      ),
    ),
    ephemeral: flag({ default: false, description: "Delete the secret when the first job that uses it starts" }),
  },
  {
    title: "Secret",
    rule: ({ ephemeral, expire_after }) =>
      ephemeral === true && typeof expire_after === "number"
        ? "Provide either 'ephemeral' or 'expire_after', not both."
        : undefined,
  },
);

export const SecretStored = fields(
  { expires_at: nullable(text({ format: "date-time", description: "When the secret expires; null: never" })) },
  { title: "StoredSecret" },
);
