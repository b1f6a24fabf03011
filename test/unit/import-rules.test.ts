import { readdirSync, readFileSync } from "node:fs";
import { builtinModules } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { build, type Metafile } from "esbuild";
import { beforeAll, describe, expect, it } from "vitest";
import { bundleOptions, programs } from "../../scripts/build.mjs";

const root = fileURLToPath(new URL("../..", import.meta.url));
const folders = ["bin", "lib", "core", "lambdas", "local"] as const;

const cloud = /^(@aws-sdk|@aws-lambda|@smithy|@aws-cdk)\/|^(aws-|constructs$)/;
const infrastructure = /^(@aws-cdk\/|aws-cdk|constructs$)/;
const nodeBuiltins = new RegExp(`^(node:.*|(${builtinModules.join("|")})(/.*)?)$`);

/** What a folder's code must not import: other folders of the project, and packages. */
const rules: Record<(typeof folders)[number], { folders: readonly string[]; packages: readonly RegExp[] }> = {
  core: { folders: ["bin", "lib", "lambdas", "local"], packages: [cloud, nodeBuiltins] },
  lambdas: { folders: ["bin", "lib", "local"], packages: [infrastructure] },
  local: { folders: ["bin", "lib"], packages: [infrastructure] },
  lib: { folders: ["bin", "core", "lambdas", "local"], packages: [] },
  bin: { folders: ["core", "lambdas", "local"], packages: [] },
};

describe("what each folder imports", () => {
  let graph: Metafile["inputs"];
  beforeAll(async () => {
    const result = await build({
      absWorkingDir: root,
      entryPoints: folders.flatMap(sourcesIn),
      bundle: true,
      packages: "external",
      format: "esm",
      platform: "node",
      outdir: "unused",
      write: false,
      metafile: true,
      logLevel: "silent",
    });
    graph = result.metafile.inputs;
    // Everything is bundled at once: on a busy machine that takes its time.
  }, 60_000);

  it.each(folders)("%s keeps to its rules", (folder) => {
    const files = Object.keys(graph).filter((path) => path.startsWith(`${folder}/`));
    expect(files.length).toBeGreaterThan(0);
    const broken = files.flatMap((file) =>
      importsOf(graph, file)
        .filter((target) => isForbidden(rules[folder], target))
        .map((target) => `${file} imports ${target}`),
    );
    expect(broken).toEqual([]);
  });

  it("core/trees is a library of its own", () => {
    const files = Object.keys(graph).filter((path) => path.startsWith("core/trees/"));
    expect(files).toContain("core/trees/index.ts");
    const broken = files.flatMap((file) =>
      importsOf(graph, file)
        .filter((target) => !target.startsWith("core/trees/"))
        .map((target) => `${file} imports ${target}`),
    );
    expect(broken).toEqual([]);
  });

  it("no code that ships imports tests, benchmarks or development dependencies", () => {
    const development = new Set(Object.keys(readPackage().devDependencies));
    const needsAtRuntime = (file: string) => file.startsWith("core/") || file.startsWith("local/");
    const broken = Object.keys(graph).flatMap((file) =>
      importsOf(graph, file)
        .filter(
          (target) =>
            /(^|\/)(test|bench)\/|\.test\.ts$/.test(target) ||
            (needsAtRuntime(file) && development.has(packageOf(target))),
        )
        .map((target) => `${file} imports ${target}`),
    );
    expect(broken).toEqual([]);
  });
});

describe("import circles", () => {
  it("are found", () => {
    const circular = { a: ["b", "x"], b: ["c"], c: ["a"], x: ["x2"], x2: [] };
    expect(circleIn(new Map(Object.entries(circular)))).toEqual(["a", "b", "c", "a"]);
    expect(circleIn(new Map(Object.entries({ ...circular, c: ["x"] })))).toEqual([]);
  });

  it("there are none, of types neither", () => {
    const files = [...folders, "bench", "scripts", "test"].flatMap(sourcesIn);
    expect(circleIn(new Map(files.map((file) => [file, importsWritten(file)])))).toEqual([]);
  });
});

describe("the bundles of the local programs", () => {
  it.each(Object.entries(programs))("%s holds runtime code only", async (_name, entry) => {
    const { metafile } = await build({
      ...bundleOptions,
      entryPoints: [entry],
      outdir: "unused",
      write: false,
    });
    const locked: Record<string, { dev?: boolean }> = JSON.parse(
      readFileSync(join(root, "package-lock.json"), "utf8"),
    ).packages;
    const inputs = Object.keys(metafile.inputs);
    const unwanted = inputs.filter((path) => {
      const installed = /^(node_modules\/(?:@[^/]+\/)?[^/]+)\//.exec(path)?.[1];
      return installed
        ? locked[installed]?.dev !== undefined
        : !/^(core|lambdas|local|scripts|specs)\//.test(path);
    });
    expect(unwanted).toEqual([]);
    expect(inputs.filter((path) => path.endsWith(".test.ts"))).toEqual([]);
    expect(inputs).toContain(entry);
  });
});

function sourcesIn(folder: string): string[] {
  return (
    readdirSync(join(root, folder), { recursive: true, encoding: "utf8" })
      .filter((path) => /\.(ts|mjs)$/.test(path) && !path.endsWith(".test.ts") && !path.endsWith(".d.ts"))
      // AssemblyScript, which no bundler reads.
      .filter((path) => !path.includes("/assembly/"))
      .map((path) => `${folder}/${path}`)
  );
}

function importsOf(graph: Metafile["inputs"], file: string): string[] {
  return (graph[file]?.imports ?? []).map(({ path }) => path);
}

/** What a file imports of the project as its text has it: the bundler leaves types out. */
function importsWritten(file: string): string[] {
  const text = readFileSync(join(root, file), "utf8");
  const written = text.matchAll(/(?:\bfrom|\bimport)\s*\(?\s*"(\.{1,2}\/[^"]+)"/g);
  return [...written].map(([, path]) => join(dirname(file), path as string));
}

/** The first circle of a graph, its first file at both ends, or nothing. */
function circleIn(graph: ReadonlyMap<string, readonly string[]>): string[] {
  const done = new Set<string>();
  const visit = (file: string, path: readonly string[]): string[] => {
    if (path.includes(file)) return [...path.slice(path.indexOf(file)), file];
    if (done.has(file)) return [];
    for (const target of graph.get(file) ?? []) {
      const circle = visit(target, [...path, file]);
      if (circle.length > 0) return circle;
    }
    done.add(file);
    return [];
  };
  for (const file of graph.keys()) {
    const circle = visit(file, []);
    if (circle.length > 0) return circle;
  }
  return [];
}

function isForbidden(
  rule: { folders: readonly string[]; packages: readonly RegExp[] },
  target: string,
): boolean {
  return (
    rule.folders.some((folder) => target.startsWith(`${folder}/`)) ||
    rule.packages.some((name) => name.test(target))
  );
}

function packageOf(target: string): string {
  return /^(?:@[^/]+\/)?[^/]+/.exec(target)?.[0] ?? target;
}

function readPackage(): { devDependencies: Record<string, string> } {
  return JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
}
