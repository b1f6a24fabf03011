/** `npm run bench -- [--quick] [--only NAME] [--flatness]`: under Lambda's Node version, with everything installed. */
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { ensureNodePackages, lambdaNode, projectRoot } from "./install.mjs";

ensureNodePackages({ dev: true });
const { status } = spawnSync(lambdaNode(), [join("bench", "run.ts"), ...process.argv.slice(2)], {
  cwd: projectRoot,
  stdio: "inherit",
});
process.exitCode = status ?? 1;
