let lastMilliseconds = Number.NaN;
let lastText = "";

/** The time now in UTC, such as 2026-01-31T09:30:00.000Z. Writing it takes as long as reading a lead: once a millisecond is enough. */
export function isoNow(): string {
  const milliseconds = Date.now();
  if (milliseconds !== lastMilliseconds) {
    lastText = new Date(milliseconds).toISOString();
    lastMilliseconds = milliseconds;
  }
  return lastText;
}
