/**
 * Imports a module that is no part of the bundle. A script that runs from kept code cannot import by itself in every version of Node: whoever
 * runs it (scripts/compiled-code.cjs) leaves it the means.
 */
export function importFile(url: URL): Promise<unknown> {
  const { [Symbol.for("leadgauge.import")]: given } = globalThis as {
    [importer: symbol]: ((href: string) => Promise<unknown>) | undefined;
  };
  return given === undefined ? import(url.href) : given(url.href);
}
