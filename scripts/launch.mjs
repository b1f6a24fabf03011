/** Runs a local program in this process: installs the runtime's packages and bundles it first where that is needed. */
import * as nodeModule from "node:module";
import { fileURLToPath } from "node:url";

const oldestNode = 20;
const compiled = fileURLToPath(new URL("../dist/compiled", import.meta.url));

/** @param {import("./build.mjs").Program} program */
export async function launch(program) {
  if (Number.parseInt(process.versions.node, 10) < oldestNode) {
    process.stderr.write(`leadgauge: Node ${oldestNode} or newer is needed; this is ${process.version}.\n`);
    process.exit(1);
  }
  // Of what is loaded here and later, where Node can do that (from 22.1 on); of the program itself, compiled-code.mjs keeps more.
  nodeModule.enableCompileCache?.(compiled);
  const [{ bundleOf, ensureBundle, isCurrent }, { runKeepingCode }] = await Promise.all([
    import("./build.mjs"),
    import("./compiled-code.mjs"),
  ]);
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
  // The commands of the command line need different code.
  const command = program === "cli" ? (process.argv[2] ?? "") : "";
  runKeepingCode(bundle, compiled, /^[a-z][a-z-]{1,30}$/.test(command) ? command : "all");
}
