import { decode } from "@jridgewell/sourcemap-codec";
import { buildSync } from "esbuild";
import { describe, expect, it } from "vitest";
import { fromProjectRoot } from "../project-root.ts";
import { ownSourceMap, type SourceMap } from "./own-source-map.ts";

/** A map of our own code and a package's, as functions have. */
function bundledMap(): SourceMap {
  const { outputFiles } = buildSync({
    absWorkingDir: fromProjectRoot("."),
    entryPoints: ["lib/bundles/own-source-map.ts"],
    outfile: fromProjectRoot("dist/functions/x/index.mjs"),
    write: false,
    bundle: true,
    minify: true,
    format: "esm",
    sourcemap: true,
    sourcesContent: false,
  });
  return JSON.parse(outputFiles.find(({ path }) => path.endsWith(".map"))?.text ?? "");
}

/** Of each place of the bundle that the map speaks of: where it comes from, undefined for nowhere. */
function places({ mappings, sources, names }: SourceMap): Map<string, readonly unknown[] | undefined> {
  return new Map(
    decode(mappings).flatMap((segments, line) =>
      segments.map((segment) => {
        const [column, source, ...at] = segment;
        const from = source === undefined ? undefined : [sources[source], at[0], at[1], names[at[2] ?? -1]];
        return [`${line}:${column}`, from] as const;
      }),
    ),
  );
}

describe("ownSourceMap", () => {
  const whole = bundledMap();
  const own = ownSourceMap(whole);

  it("keeps every place of our own code, and none of a package", () => {
    const before = places(whole);
    const after = places(own);
    const isOwn = (from: readonly unknown[] | undefined) => String(from?.[0]).endsWith("/own-source-map.ts");
    const kept = [...before].filter(([, from]) => isOwn(from));
    expect(kept.length).toBeGreaterThan(50);
    expect(before.size).toBeGreaterThan(kept.length);
    for (const [place, from] of kept) expect(after.get(place)).toEqual(from);
    expect([...after.values()].filter((from) => from !== undefined)).toHaveLength(kept.length);
    expect(own.sources).toEqual(["../../../lib/bundles/own-source-map.ts"]);
  });

  it("ends a place where a package's code follows, which otherwise would seem to be ours", () => {
    const mappings = { sources: ["a.ts", "/node_modules/b.js"], names: [], version: 3 as const };
    // Columns 0 (a.ts), 4 (b.js), 8 (b.js), 12 (a.ts), all of line 0.
    const { mappings: kept } = ownSourceMap({ ...mappings, mappings: "AAAA,ICAA,IAAA,IDAA" });
    expect(decode(kept)).toEqual([[[0, 0, 0, 0], [4], [12, 0, 0, 0]]]);
  });
});
