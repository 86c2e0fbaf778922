/** Roles from the weakest to the strongest; the order decides only who may change whose permissions (auth section 4.1). */
export const ROLES = ["agent", "contributor", "manager", "admin"] as const;
export type Role = (typeof ROLES)[number];

export const isRole = (text: string): text is Role => (ROLES as readonly string[]).includes(text);

/** Is `role` at least as strong as `other`? */
export const isAtLeast = (role: Role, other: Role): boolean => ROLES.indexOf(role) >= ROLES.indexOf(other);
