/** Where it happened, without the message: that may carry what the caller sent. */
export function traceOf(error: unknown): { error: string; stack: string } {
  if (!(error instanceof Error)) return { error: typeof error, stack: "" };
  const frames = (error.stack ?? "").split("\n").filter((line) => /^\s+at /.test(line));
  return {
    error: error.name,
    stack: frames
      .slice(0, 20)
      .map((line) => line.trim())
      .join("\n"),
  };
}
