import { CfnOutput, RemovalPolicy, Stack } from "aws-cdk-lib";
import { PolicyStatement } from "aws-cdk-lib/aws-iam";
import type { IKey } from "aws-cdk-lib/aws-kms";
import type { Bucket } from "aws-cdk-lib/aws-s3";
import type { Construct } from "constructs";
import type { StageConfig } from "../config/stage-config.ts";
import { Catalog } from "../constructs/catalog.ts";
import { dataKey } from "../constructs/data-key.ts";
import type { DataLake, KeyUser } from "../constructs/data-lake.ts";
import { DataLakeBucket } from "../constructs/data-lake-bucket.ts";
import { ManifestSigningKey } from "../constructs/manifest-signing-key.ts";
import { modelPublisher } from "../constructs/model-publisher.ts";
import { LeadgaugeStack } from "./leadgauge-stack.ts";

export interface DataLakeStackProps {
  readonly config: StageConfig;
}

/** What keeps the data: the bucket that holds leads, models and results, its keys, and the catalog of what is in it. */
export class DataLakeStack extends LeadgaugeStack implements DataLake {
  readonly bucket: Bucket;
  readonly key: IKey;
  readonly manifestPublicKeys: string;

  constructor(scope: Construct, { config }: DataLakeStackProps) {
    super(scope, { config, purpose: "data-lake", description: "data lake", isLongLived: true });
    const removalPolicy = config.retainsData ? RemovalPolicy.RETAIN : RemovalPolicy.DESTROY;
    this.key = dataKey(this, config, removalPolicy);
    this.bucket = new DataLakeBucket(this, "Bucket", { config, key: this.key, removalPolicy });
    new Catalog(this, "Catalog", { config, bucket: this.bucket });
    const platform = { config, key: this.key, network: undefined };
    const signing = new ManifestSigningKey(this, "Manifests", { platform, removalPolicy });
    this.manifestPublicKeys = signing.publicKeys;
    const publisher = modelPublisher(this, config, this, signing);

    new CfnOutput(this, "BucketName", { value: this.bucket.bucketName });
    new CfnOutput(this, "SigningKey", { description: "Signs manifests of models", value: signing.alias });
    new CfnOutput(this, "ModelPublisherRole", {
      description: "Take this role to register models",
      value: publisher.roleArn,
    });
    // What the own key signed would not serve where it is not trusted: whoever registers names the key that is.
    const signingKey = config.dataLake.trustsOwnSigningKey ? signing.alias : "KEY";
    new CfnOutput(this, "NextCommand", {
      description: "After the first deployment: registers a shipped model, signed, and lets it serve",
      value: `npm run -s leadgauge -- register --model models/x-education/versions/* --stage production --store s3://${this.bucket.bucketName} --signing-key ${signingKey}`,
    });
  }

  useOfKeyThrough(service: KeyUser, actions: readonly string[]): PolicyStatement {
    const { region, urlSuffix } = Stack.of(this);
    return new PolicyStatement({
      sid: `UseKeyThrough${service.toUpperCase()}`,
      actions: [...actions],
      resources: [this.key.keyArn],
      conditions: { StringEquals: { "kms:ViaService": `${service}.${region}.${urlSuffix}` } },
    });
  }
}
