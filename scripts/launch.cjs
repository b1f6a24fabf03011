/** Runs a local program in this process: installs the runtime's packages and bundles it first where that is needed. */
const { enableCompileCache } = require("node:module");
const { join } = require("node:path");
const { bundleOf, dist, isCurrent } = require("./bundles.cjs");
const { runKeepingCode } = require("./compiled-code.cjs");

const oldestNode = 20;
const compiled = join(dist, "compiled");

/** @param {import("./bundles.cjs").Program} program */
async function launch(program) {
  if (Number.parseInt(process.versions.node, 10) < oldestNode) {
    process.stderr.write(`leadgauge: Node ${oldestNode} or newer is needed; this is ${process.version}.\n`);
    process.exit(1);
  }
  if (!isCurrent(program) && !(await prepare(program))) return;
  const bundle = bundleOf(program);
  process.argv[1] = bundle;
  if (program === "server") {
    runKeepingCode(bundle, compiled, "all");
    return;
  }
  // Of what commands load later, where Node can do that (from 22.1 on); of the bundle, compiled-code.cjs keeps more.
  enableCompileCache?.(compiled);
  // The commands need different code.
  const command = process.argv[2] ?? "";
  runKeepingCode(bundle, compiled, /^[a-z][a-z-]{1,30}$/.test(command) ? command : "all");
}

/** Returns false where the packages cannot be installed, which it has told. @param {import("./bundles.cjs").Program} program */
async function prepare(program) {
  const { ensureNodePackages, InstallError } = await import("./install.mjs");
  try {
    ensureNodePackages({ dev: false });
  } catch (error) {
    if (!(error instanceof InstallError)) throw error;
    process.stderr.write(`leadgauge: ${error.message}\n`);
    process.exitCode = 1;
    return false;
  }
  const { ensureBundle } = await import("./build.mjs");
  await ensureBundle(program);
  return true;
}

module.exports = { launch };
