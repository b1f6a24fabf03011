import { writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { AssetHashType, DockerImage } from "aws-cdk-lib";
import { type AssetCode, Code } from "aws-cdk-lib/aws-lambda";
import { buildSync } from "esbuild";
import { fromProjectRoot } from "../project-root.ts";

/**
 * One ESM file with its source map, hashed by content. Bundled in this process: CDK's own NodejsFunction starts npx for
 * every function, which takes longer than all the bundling.
 */
export function functionBundle(entry: string): AssetCode {
  return Code.fromAsset(fromProjectRoot("lambdas"), {
    assetHashType: AssetHashType.OUTPUT,
    bundling: {
      // Never pulled: the local bundling below always succeeds, or throws.
      image: DockerImage.fromRegistry("none"),
      // Tells one function's bundle from another's.
      command: [entry],
      local: {
        tryBundle(outputDirectory) {
          for (const { path, contents } of bundle(entry)) {
            writeFileSync(join(outputDirectory, basename(path)), contents);
          }
          return true;
        },
      },
    },
  });
}

function bundle(entry: string) {
  return buildSync({
    absWorkingDir: fromProjectRoot("."),
    entryPoints: [entry],
    // Not written there: the source map's paths should not depend on where the templates go.
    outfile: fromProjectRoot("cdk.out/function/index.mjs"),
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
  }).outputFiles;
}
