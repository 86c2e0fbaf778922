/** What an identity provider says of a person, by name. Hostile until looked at. */
export type Claims = Readonly<Record<string, unknown>>;
