/**
 * What there is in `dist/`, and whether it is current. CommonJS, as all that runs at every start: Node's loader of ES modules takes a tenth of a start.
 */
const { existsSync, readdirSync, readFileSync, renameSync, statSync, writeFileSync } = require("node:fs");
const { basename, dirname, join } = require("node:path");

const projectRoot = dirname(__dirname);
const dist = join(projectRoot, "dist");

// What each program starts from. What it loads later is found by name: `NAME.worker.ts` (a thread) or `NAME.lazy.ts` (what few commands need)
// under local/ becomes `dist/NAME.worker.mjs` or `dist/NAME.lazy.mjs`.
const programs = { server: "local/server/main.ts", cli: "local/cli/main.ts" };

/** @typedef {keyof typeof programs} Program */

/** Where a program's bundle is, once it is built: an absolute path. @param {Program} program */
function bundleOf(program) {
  return join(dist, `${program}.cjs`);
}

/**
 * Whether a program's bundle is that of the sources and of the packages as they are installed now.
 * @param {Program} program
 */
function isCurrent(program) {
  const stamp = stampOf(program);
  if (!existsSync(stamp) || !existsSync(bundleOf(program))) return false;
  const { entries, sources } = JSON.parse(readFileSync(stamp, "utf8"));
  if (JSON.stringify(entries) !== JSON.stringify([entryOf(program), ...laterEntries()])) return false;
  return Object.entries(sources).every(([path, seen]) => fingerprint(path) === seen);
}

/**
 * Remembers what a program's bundle was made of.
 * @param {Program} program
 * @param {readonly string[]} sources relative to the project
 */
function writeStamp(program, sources) {
  const seen = Object.fromEntries([...sources].sort().map((path) => [path, fingerprint(path)]));
  writeAtomically(
    stampOf(program),
    JSON.stringify({ entries: [entryOf(program), ...laterEntries()], sources: seen }),
  );
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

/** What programs load later. */
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
function writeAtomically(path, contents) {
  const temporary = join(dirname(path), `.${basename(path)}.${process.pid}`);
  writeFileSync(temporary, contents);
  renameSync(temporary, path);
}

module.exports = {
  bundleOf,
  dist,
  entryOf,
  isCurrent,
  laterEntries,
  programs,
  projectRoot,
  writeAtomically,
  writeStamp,
};
