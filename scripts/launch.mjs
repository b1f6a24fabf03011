/** Runs a local program in this process: installs the runtime's packages and bundles it first where that is needed. */
import { pathToFileURL } from "node:url";

const oldestNode = 20;

/** @param {import("./build.mjs").Program} program */
export async function launch(program) {
  if (Number.parseInt(process.versions.node, 10) < oldestNode) {
    process.stderr.write(`leadgauge: Node ${oldestNode} or newer is needed; this is ${process.version}.\n`);
    process.exit(1);
  }
  const { ensureNodePackages, InstallError } = await import("./install.mjs");
  try {
    ensureNodePackages({ dev: false });
    const { ensureBundle } = await import("./build.mjs");
    const bundle = await ensureBundle(program);
    process.argv[1] = bundle;
    await import(pathToFileURL(bundle).href);
  } catch (error) {
    if (!(error instanceof InstallError)) throw error;
    process.stderr.write(`leadgauge: ${error.message}\n`);
    process.exitCode = 1;
  }
}
