/** The lead id of the canary's calls. What it asks is neither kept nor measured: it is no lead. */
export const CANARY_LEAD_ID = "leadgauge-canary";
