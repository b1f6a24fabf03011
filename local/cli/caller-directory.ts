import { resolve } from "node:path";

/** Where the caller stands. `npm run` changes into the project's directory first, and says where it was called. */
export function callerDirectory(): string {
  const { INIT_CWD, npm_lifecycle_event } = process.env;
  return npm_lifecycle_event === "leadgauge" && INIT_CWD ? INIT_CWD : process.cwd();
}

export function callerPath(path: string): string {
  return resolve(callerDirectory(), path);
}
