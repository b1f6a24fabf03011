/** What one call may hold. */
export const MAXIMUM_BODY_BYTES = 5 * 1024 * 1024;
export const MAXIMUM_LEADS_PER_BATCH = 500;
export const MAXIMUM_OUTCOMES_PER_CALL = 500;
export const MAXIMUM_REASONS = 20;

// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is kept out; no store or file takes all of them.
export const LEAD_ID = /^[^\u0000-\u001f\u007f]{1,256}$/u;
