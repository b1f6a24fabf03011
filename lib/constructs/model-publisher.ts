import { AccountRootPrincipal, ArnPrincipal, CompositePrincipal, PolicyStatement } from "aws-cdk-lib/aws-iam";
import type { Construct } from "constructs";
import { prefixes } from "../config/prefixes.ts";
import type { StageConfig } from "../config/stage-config.ts";
import type { DataLake } from "./data-lake.ts";
import { LeadgaugeRole } from "./leadgauge-role.ts";
import type { ManifestSigningKey } from "./manifest-signing-key.ts";

/** The role that signs and registers models, promotes them and rolls them back; it reads no leads and no results. */
export function modelPublisher(
  scope: Construct,
  config: StageConfig,
  dataLake: Pick<DataLake, "bucket" | "useOfKeyThrough">,
  signing: ManifestSigningKey,
): LeadgaugeRole {
  const { bucket } = dataLake;
  const publishers = config.dataLake.modelPublishers.map((arn) => new ArnPrincipal(arn));
  return new LeadgaugeRole(scope, "ModelPublisher", {
    config,
    purpose: "model-publisher",
    description: "Leadgauge: signs, registers and promotes models",
    assumedBy: publishers.length > 0 ? new CompositePrincipal(...publishers) : new AccountRootPrincipal(),
    statements: [
      new PolicyStatement({
        sid: "ReadAndWriteModels",
        actions: ["s3:GetObject", "s3:PutObject"],
        resources: [
          bucket.arnForObjects(`${prefixes.modelArtifacts}*/versions/*`),
          bucket.arnForObjects(`${prefixes.modelArtifacts}*/stages.json`),
        ],
      }),
      new PolicyStatement({ sid: "FindModels", actions: ["s3:ListBucket"], resources: [bucket.bucketArn] }),
      dataLake.useOfKeyThrough("s3", ["kms:Decrypt", "kms:GenerateDataKey"]),
      new PolicyStatement({
        sid: "SignManifests",
        actions: ["kms:GetPublicKey", "kms:Sign"],
        resources: [signing.key.keyArn],
      }),
    ],
  });
}
