/**
 * Recorded scenarios whose part of the product does not exist yet, by topic and name. This list only gets shorter; a test fails when a scenario
 * on it passes.
 */
export const NOT_YET: Readonly<Record<string, readonly string[]>> = {
};
