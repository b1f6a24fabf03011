/** The command was called wrongly, or what it names is not there: the message is all that the caller needs. Exit code 1. */
export class UsageError extends Error {
  override readonly name = "UsageError";
}
