/**
 * Where a worker's entry is: among the sources beside the file that asks, as a bundle beside the bundle it became part of.
 * @param askingUrl `import.meta.url` of the file that asks
 */
export function workerUrl(askingUrl: string, name: string): URL {
  return new URL(`./${name}.worker.${askingUrl.endsWith(".ts") ? "ts" : "mjs"}`, askingUrl);
}

/** As `workerUrl`, of code that few need: a bundle of its own, which shares no class with the one that asks. */
export function lazyUrl(askingUrl: string, name: string): URL {
  return new URL(`./${name}.lazy.${askingUrl.endsWith(".ts") ? "ts" : "mjs"}`, askingUrl);
}
