/** What a command's exit tells; documented in docs/cli.md. */
export const exitCodes = {
  success: 0,
  /** Wrong usage, a refused model or spec, or a fault of this machine. */
  failure: 1,
  nothingScored: 2,
  toleranceExceeded: 3,
  /** As shells count: 128 and the signal's number. */
  interrupted: 130,
} as const;
