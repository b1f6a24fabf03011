/**
 * Bundles the local programs into `dist/`, so that they run on any Node from version 20 and start quickly.
 * As a program: builds all of them. As a module: `ensureBundle("cli")` builds only when a source has changed.
 */
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { basename, dirname, join, relative } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";

const projectRoot = fileURLToPath(new URL("..", import.meta.url));
const dist = join(projectRoot, "dist");
const thisFile = fileURLToPath(import.meta.url);

// What each program starts from. What it loads later is found by name: `NAME.worker.ts` (a thread) or `NAME.lazy.ts` (what few commands need)
// under local/ becomes `dist/NAME.worker.mjs` or `dist/NAME.lazy.mjs`.
export const programs = { server: "local/server/main.ts", cli: "local/cli/main.ts" };

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

/** How the local programs are bundled: as scripts, whose compiled code can be kept (compiled-code.mjs). */
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

/** @typedef {keyof typeof programs} Program */

/**
 * Returns the bundle of a program, built anew if a source has changed since.
 * @param {Program} program
 * @returns {Promise<string>} absolute path
 */
export async function ensureBundle(program) {
  if (!isCurrent(program)) await build(program);
  return bundleOf(program);
}

/** Where a program's bundle is, once it is built: an absolute path. @param {Program} program */
export function bundleOf(program) {
  return join(dist, `${program}.cjs`);
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
  const sources = Object.fromEntries(
    // Of packages the lock files tell, the project's and npm's own: there are too many files of them to look at every time.
    [
      ...[...inputs].filter((path) => !path.startsWith("node_modules/")),
      relative(projectRoot, thisFile),
      "package-lock.json",
      join("node_modules", ".package-lock.json"),
    ]
      .sort()
      .map((path) => [path, fingerprint(path)]),
  );
  writeAtomically(stampOf(program), JSON.stringify({ entries: entriesOf(program), sources }));
}

/**
 * Whether a program's bundle is that of the sources and of the packages as they are installed now.
 * @param {Program} program
 */
export function isCurrent(program) {
  const stamp = stampOf(program);
  if (!existsSync(stamp) || !existsSync(bundleOf(program))) return false;
  const { entries, sources } = JSON.parse(readFileSync(stamp, "utf8"));
  if (JSON.stringify(entries) !== JSON.stringify(entriesOf(program))) return false;
  return Object.entries(sources).every(([path, seen]) => fingerprint(path) === seen);
}

/** Size and time of change of a file, or null if it is gone. @param {string} path relative to the project */
function fingerprint(path) {
  const stat = statSync(join(projectRoot, path), { throwIfNoEntry: false });
  return stat ? `${stat.size}-${stat.mtimeMs}` : null;
}

/** @param {Program} program */
function entryOf(program) {
  return { in: programs[program], out: program };
}

/** @param {Program} program */
function entriesOf(program) {
  return [entryOf(program), ...laterEntries()];
}

function laterEntries() {
  return readdirSync(join(projectRoot, "local"), { recursive: true, encoding: "utf8" })
    .filter((path) => /\.(worker|lazy)\.ts$/.test(path))
    .sort()
    .map((path) => ({ in: join("local", path), out: basename(path, ".ts") }));
}

/** @param {Program} program */
function stampOf(program) {
  return join(dist, `${program}.sources.json`);
}

/**
 * Another process may be reading or building the same file.
 * @param {string} path
 * @param {string | Uint8Array} contents
 */
export function writeAtomically(path, contents) {
  const temporary = join(dirname(path), `.${basename(path)}.${process.pid}`);
  writeFileSync(temporary, contents);
  renameSync(temporary, path);
}

if (process.argv[1] && pathToFileURL(process.argv[1]).href === import.meta.url) {
  for (const program of /** @type {Program[]} */ (Object.keys(programs))) {
    await build(program);
    const bytes = statSync(bundleOf(program)).size;
    process.stdout.write(`dist/${program}.cjs ${Math.round(bytes / 1024)} kB\n`);
  }
}
