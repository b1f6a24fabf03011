/**
 * Bundles the local programs into `dist/`, so that they run on any Node from version 20 and start quickly.
 * As a program: builds all of them. As a module: `ensureBundle("cli")` builds only when a source has changed.
 */
import { mkdirSync, statSync } from "node:fs";
import { join, relative } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import bundles from "./bundles.cjs";

const { bundleOf, dist, entryOf, isCurrent, laterEntries, projectRoot, writeAtomically, writeStamp } =
  bundles;
const thisFile = fileURLToPath(import.meta.url);

export const { programs } = bundles;

const commonOptions = /** @type {const} @satisfies {import("esbuild").BuildOptions} */ ({
  absWorkingDir: projectRoot,
  bundle: true,
  platform: "node",
  target: "node20",
  mainFields: ["module", "main"],
  minifySyntax: true,
  minifyWhitespace: true,
  sourcemap: "linked",
  legalComments: "none",
  metafile: true,
  logLevel: "error",
  // PGlite finds its WebAssembly beside its own files; the SDK is needed by few commands, and read only by those.
  external: ["@electric-sql/pglite"],
});

/** How the local programs are bundled: as scripts, whose compiled code can be kept (compiled-code.cjs). */
export const bundleOptions = /** @type {const} @satisfies {import("esbuild").BuildOptions} */ ({
  ...commonOptions,
  outExtension: { ".js": ".cjs" },
  format: "cjs",
  banner: { js: 'const bundleUrl=require("node:url").pathToFileURL(__filename).href;' },
  define: { "import.meta.url": "bundleUrl" },
});

/** How what they load later is bundled. */
const laterOptions = /** @type {const} @satisfies {import("esbuild").BuildOptions} */ ({
  ...commonOptions,
  outExtension: { ".js": ".mjs" },
  format: "esm",
});

/** @typedef {import("./bundles.cjs").Program} Program */

/**
 * Returns the bundle of a program, built anew if a source has changed since.
 * @param {Program} program
 * @returns {Promise<string>} absolute path
 */
export async function ensureBundle(program) {
  if (!isCurrent(program)) await build(program);
  return bundleOf(program);
}

/** @param {Program} program */
async function build(program) {
  const { build: bundle, stop } = await import("esbuild");
  const results = await Promise.all([
    bundle({ ...bundleOptions, entryPoints: [entryOf(program)], outdir: dist, write: false }),
    bundle({ ...laterOptions, entryPoints: laterEntries(), outdir: dist, write: false }),
  ]).finally(
    // Its service would live as long as the program that is started next.
    () => stop(),
  );
  mkdirSync(dist, { recursive: true });
  for (const { path, contents } of results.flatMap(({ outputFiles }) => outputFiles)) {
    writeAtomically(path, contents);
  }
  const inputs = new Set(results.flatMap(({ metafile }) => Object.keys(metafile.inputs)));
  // Of packages the lock files tell, the project's and npm's own: there are too many files of them to look at every time.
  writeStamp(program, [
    ...[...inputs].filter((path) => !path.startsWith("node_modules/")),
    relative(projectRoot, thisFile),
    join("scripts", "bundles.cjs"),
    "package-lock.json",
    join("node_modules", ".package-lock.json"),
  ]);
}

if (process.argv[1] && pathToFileURL(process.argv[1]).href === import.meta.url) {
  for (const program of /** @type {Program[]} */ (Object.keys(programs))) {
    await build(program);
    const bytes = statSync(bundleOf(program)).size;
    process.stdout.write(`dist/${program}.cjs ${Math.round(bytes / 1024)} kB\n`);
  }
}
