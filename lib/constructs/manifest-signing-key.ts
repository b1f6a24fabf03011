import { CustomResource, Duration, Fn, type RemovalPolicy } from "aws-cdk-lib";
import { PolicyStatement } from "aws-cdk-lib/aws-iam";
import { Key, KeySpec, KeyUsage } from "aws-cdk-lib/aws-kms";
import { Construct } from "constructs";
import { resourceNames } from "../config/names.ts";
import { type FunctionPlatform, LeadgaugeFunction } from "./leadgauge-function.ts";

export interface ManifestSigningKeyProps {
  readonly platform: FunctionPlatform;
  readonly removalPolicy: RemovalPolicy;
}

/** The key that signs manifests of models. Its private half never leaves KMS; its public half is read once a deployment. */
export class ManifestSigningKey extends Construct {
  readonly key: Key;
  readonly alias: string;
  /** See `DataLake.manifestPublicKeys`. */
  readonly publicKeys: string;

  constructor(scope: Construct, id: string, { platform, removalPolicy }: ManifestSigningKeyProps) {
    super(scope, id);
    const { config } = platform;
    this.alias = resourceNames(config.name).signingKeyAlias;
    this.key = new Key(this, "Signer", {
      description: `Leadgauge ${config.name}: signs manifests of models`,
      alias: this.alias,
      keySpec: KeySpec.ECC_NIST_P256,
      keyUsage: KeyUsage.SIGN_VERIFY,
      removalPolicy,
    });
    const reader = new LeadgaugeFunction(this, "Reader", {
      // It answers CloudFormation, which the isolated network cannot reach.
      platform: { ...platform, network: undefined },
      purpose: "manifest-public-key",
      description: "reads the public key of manifests at deployment",
      entry: "lambdas/manifest-public-key/index.ts",
      memoryInMegabytes: 256,
      timeoutInSeconds: 30,
      statements: [
        new PolicyStatement({
          sid: "ReadPublicKey",
          actions: ["kms:GetPublicKey"],
          resources: [this.key.keyArn],
        }),
      ],
    });
    const publicKey = new CustomResource(this, "PublicKey", {
      resourceType: "Custom::ManifestPublicKey",
      serviceToken: reader.handler.functionArn,
      serviceTimeout: Duration.minutes(2),
      properties: { KeyId: this.key.keyArn },
    }).getAttString("PublicKey");
    const { trustsOwnSigningKey, trustedManifestKeys } = config.dataLake;
    this.publicKeys = trustsOwnSigningKey
      ? Fn.join(",", [publicKey, ...trustedManifestKeys])
      : trustedManifestKeys.join(",");
  }
}
