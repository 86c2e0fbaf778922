import manifest from "../../package.json" with { type: "json" };

/** The version of both programs. */
export const VERSION: string = manifest.version;
