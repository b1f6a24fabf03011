import { decode, encode, type SourceMapSegment } from "@jridgewell/sourcemap-codec";

export interface SourceMap {
  readonly version: 3;
  readonly sources: readonly string[];
  readonly names: readonly string[];
  readonly mappings: string;
}

/**
 * The map without what packages are made of, which is most of it: where our own code stands in the sources is told, what happens in a
 * package is left where it is in the bundle.
 */
export function ownSourceMap({ sources, names, mappings }: SourceMap): SourceMap {
  const isOwn = sources.map((path) => !path.includes("/node_modules/"));
  const keptSources = new Numbering();
  const keptNames = new Numbering();
  const lines = decode(mappings).map((line) => {
    const kept: SourceMapSegment[] = [];
    for (const segment of line) {
      if (segment.length === 1 || !isOwn[segment[1]]) {
        // Ends the place before it.
        if (kept.length > 0 && kept.at(-1)?.length !== 1) kept.push([segment[0]]);
        continue;
      }
      const [column, source, sourceLine, sourceColumn, name] = segment;
      const number = keptSources.of(source);
      kept.push(
        name === undefined
          ? [column, number, sourceLine, sourceColumn]
          : [column, number, sourceLine, sourceColumn, keptNames.of(name)],
      );
    }
    return kept;
  });
  return {
    version: 3,
    sources: keptSources.kept.map((source) => sources[source] as string),
    names: keptNames.kept.map((name) => names[name] as string),
    mappings: encode(lines),
  };
}

/** New numbers for those that are still used, in the order of their use. */
class Numbering {
  readonly kept: number[] = [];
  readonly #numbers = new Map<number, number>();

  of(old: number): number {
    const known = this.#numbers.get(old);
    if (known !== undefined) return known;
    this.#numbers.set(old, this.kept.length);
    return this.kept.push(old) - 1;
  }
}
