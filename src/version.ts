declare const KEV_VERSION: string | undefined;

/** kev's version, written in by the build; `0.0.0-dev` when run from source. */
export const version: string = typeof KEV_VERSION === "string" ? KEV_VERSION : "0.0.0-dev";
