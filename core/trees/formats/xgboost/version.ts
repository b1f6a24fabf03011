export type Version = readonly [major: number, minor: number, patch: number];

export function isAtLeast([major, minor]: Version, leastMajor: number, leastMinor: number): boolean {
  return major > leastMajor || (major === leastMajor && minor >= leastMinor);
}
