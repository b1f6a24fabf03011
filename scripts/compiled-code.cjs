/**
 * Runs a bundle with the code that an earlier process compiled. What Node keeps by itself (`enableCompileCache`) is made before anything has run: it has
 * nothing of functions that are compiled when they are first called, and those are most of what a start takes its time for.
 */
const { createHash } = require("node:crypto");
const { mkdirSync, readdirSync, readFileSync, rmSync, statSync } = require("node:fs");
const { createRequire } = require("node:module");
const { basename, dirname, join } = require("node:path");
const { Script } = require("node:vm");
const { writeAtomically } = require("./bundles.cjs");

const DIGEST_BYTES = 20;
/** A server has started by then, and what ran once is not yet forgotten. */
const SETTLED_IN_MILLISECONDS = 3_000;
/** At its end, code is kept anew where so much more of it ran. */
const GROWTH = 1.1;

/**
 * @param {string} bundle a CommonJS script in ASCII, as esbuild writes it
 * @param {string} folder where compiled code is kept
 * @param {string} use runs that need about the same code share it
 */
function runKeepingCode(bundle, folder, use) {
  const { size, mtimeMs } = statSync(bundle);
  const program = basename(bundle, ".cjs");
  // V8 refuses code of another version of itself. Of the source it compares the length only.
  const current = `${program}-${size}-${mtimeMs}-`;
  const file = join(folder, `${current}${process.version}-${use}`);
  const code = readCode(file);
  const source = `(function(exports,require,module,__filename,__dirname){${readFileSync(bundle, "latin1")}\n})`;
  const script = new Script(source, { filename: bundle, ...(code ? { cachedData: code } : {}) });
  if (code === undefined || script.cachedDataRejected) {
    const isOutdated = (/** @type {string} */ name) =>
      name.startsWith(`${program}-`) && !name.startsWith(current);
    keepCode(script, file, isOutdated);
  }
  // local/files/import-file.ts
  Object.assign(globalThis, {
    [Symbol.for("leadgauge.import")]: (/** @type {string} */ href) => import(href),
  });
  const module = { exports: {} };
  script.runInThisContext()(module.exports, createRequire(bundle), module, bundle, dirname(bundle));
}

/**
 * Keeps what has run until a moment from now, or until the process ends well.
 * @param {Script} script
 * @param {string} file
 * @param {(name: string) => boolean} isOutdated
 */
function keepCode(script, file, isOutdated) {
  let keptBytes = 0;
  const keep = () => {
    const code = script.createCachedData();
    if (code.length < keptBytes * GROWTH) return;
    keptBytes = code.length;
    const folder = dirname(file);
    try {
      mkdirSync(folder, { recursive: true });
      writeAtomically(file, Buffer.concat([digestOf(code), code]));
      for (const name of readdirSync(folder).filter(isOutdated)) rmSync(join(folder, name), { force: true });
    } catch {
      // Where nothing can be written, the next start takes longer, no more.
    }
  };
  setTimeout(keep, SETTLED_IN_MILLISECONDS).unref();
  process.on("exit", (exitCode) => {
    if (exitCode === 0) keep();
  });
}

/** Undefined: there is none, or it is damaged, which V8 would not notice. @param {string} file */
function readCode(file) {
  try {
    const bytes = readFileSync(file);
    const code = bytes.subarray(DIGEST_BYTES);
    return digestOf(code).equals(bytes.subarray(0, DIGEST_BYTES)) ? code : undefined;
  } catch {
    return undefined;
  }
}

/** @param {Uint8Array} code */
function digestOf(code) {
  return createHash("sha1").update(code).digest();
}

module.exports = { runKeepingCode };
