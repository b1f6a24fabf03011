/** Runs a local program in this process: installs the runtime's packages and bundles it first where that is needed. */
import * as nodeModule from "node:module";
import { fileURLToPath, pathToFileURL } from "node:url";

const oldestNode = 20;

/** @param {import("./build.mjs").Program} program */
export async function launch(program) {
  if (Number.parseInt(process.versions.node, 10) < oldestNode) {
    process.stderr.write(`leadgauge: Node ${oldestNode} or newer is needed; this is ${process.version}.\n`);
    process.exit(1);
  }
  // Compiled code is kept from one start to the next, where Node can do that (from 22.1 on).
  nodeModule.enableCompileCache?.(fileURLToPath(new URL("../dist/compiled", import.meta.url)));
  const { bundleOf, ensureBundle, isCurrent } = await import("./build.mjs");
  if (!isCurrent(program)) {
    const { ensureNodePackages, InstallError } = await import("./install.mjs");
    try {
      ensureNodePackages({ dev: false });
    } catch (error) {
      if (!(error instanceof InstallError)) throw error;
      process.stderr.write(`leadgauge: ${error.message}\n`);
      process.exitCode = 1;
      return;
    }
    await ensureBundle(program);
  }
  const bundle = bundleOf(program);
  process.argv[1] = bundle;
  await import(pathToFileURL(bundle).href);
}
