/**
 * The functions of `lambdas/`, each as one ESM file with a source map, in `dist/functions/`: bundled together, once for all stages, and anew
 * when anything that goes into them has changed. In this process: CDK's own NodejsFunction starts npx for every function, which
 * takes longer than all the bundling.
 */
import { createHash } from "node:crypto";
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { dirname, join, relative } from "node:path";
import { buildSync } from "esbuild";
import { fromProjectRoot } from "../project-root.ts";
import { ownSourceMap } from "./own-source-map.ts";

/** All that may go into a function. Of packages npm's own lock file tells: it names what is installed. */
const inputs = [
  "core",
  "lambdas",
  "lib/bundles",
  "specs",
  "tsconfig.json",
  "node_modules/.package-lock.json",
];

/**
 * @param entry from the project's root, such as `lambdas/api/index.ts`
 * @returns the absolute path of the folder that holds `index.mjs` and `index.mjs.map`
 */
export function functionBundle(entry: string): string {
  const folder = fromProjectRoot(`dist/functions/${hashOf(inputs.flatMap(filesIn))}`);
  if (!existsSync(folder)) bundleAll(folder);
  return join(folder, relative("lambdas", dirname(entry)));
}

function filesIn(path: string): string[] {
  if (statSync(fromProjectRoot(path)).isFile()) return [path];
  return readdirSync(fromProjectRoot(path), { recursive: true, encoding: "utf8" })
    .filter((file) => /(?<!\.test)\.(ts|json)$/.test(file))
    .map((file) => join(path, file));
}

function hashOf(files: readonly string[]): string {
  const hash = createHash("sha256");
  for (const file of files.toSorted()) {
    const contents = readFileSync(fromProjectRoot(file));
    hash.update(`${file}\0${contents.length}\0`).update(contents);
  }
  return hash.digest("hex").slice(0, 32);
}

/** The folder is there whole, or not at all, whoever else bundles at the same moment. */
function bundleAll(folder: string): void {
  const functions = dirname(folder);
  const temporary = `${folder}.${process.pid}`;
  for (const [path, contents] of bundles()) {
    mkdirSync(dirname(join(temporary, path)), { recursive: true });
    writeFileSync(join(temporary, path), contents);
  }
  try {
    renameSync(temporary, folder);
  } catch (error) {
    rmSync(temporary, { recursive: true });
    if (!existsSync(folder)) throw error;
  }
  // What was bundled of sources that have changed since.
  for (const name of readdirSync(functions)) {
    if (/^[0-9a-f]{32}$/.test(name) && join(functions, name) !== folder) {
      rmSync(join(functions, name), { recursive: true, force: true });
    }
  }
}

/** By path: `api/index.mjs`, `api/index.mjs.map`, … */
function bundles(): [path: string, contents: string | Uint8Array][] {
  const entryPoints = readdirSync(fromProjectRoot("lambdas"))
    .map((name) => `lambdas/${name}/index.ts`)
    .filter((path) => existsSync(fromProjectRoot(path)));
  // Nothing is written there: the paths in a source map shall not depend on anything but the sources.
  const outdir = fromProjectRoot("dist/functions");
  const { outputFiles } = buildSync({
    absWorkingDir: fromProjectRoot("."),
    entryPoints,
    outbase: "lambdas",
    outdir,
    outExtension: { ".js": ".mjs" },
    write: false,
    bundle: true,
    format: "esm",
    platform: "node",
    target: "node24",
    mainFields: ["module", "main"],
    minify: true,
    sourcemap: true,
    sourcesContent: false,
    logLevel: "error",
  });
  return outputFiles.map(({ path, contents, text }) => [
    relative(outdir, path),
    path.endsWith(".map") ? JSON.stringify(ownSourceMap(JSON.parse(text))) : contents,
  ]);
}
