import { cpSync } from "node:fs";
import { AssetHashType, DockerImage } from "aws-cdk-lib";
import { type AssetCode, Code } from "aws-cdk-lib/aws-lambda";
import { functionBundle } from "../bundles/function-bundles.ts";
import { fromProjectRoot } from "../project-root.ts";

/** A function's bundle as an asset, hashed by its content; made only where CDK wants assets. */
export function functionCode(entry: string): AssetCode {
  return Code.fromAsset(fromProjectRoot("lambdas"), {
    assetHashType: AssetHashType.OUTPUT,
    bundling: {
      // Never pulled: the local bundling below always succeeds, or throws.
      image: DockerImage.fromRegistry("none"),
      // Tells one function's bundle from another's.
      command: [entry],
      local: {
        tryBundle(outputDirectory) {
          cpSync(functionBundle(entry), outputDirectory, { recursive: true });
          return true;
        },
      },
    },
  });
}
