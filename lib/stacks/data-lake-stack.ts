import { CfnOutput, Duration, type Environment, RemovalPolicy, Stack } from "aws-cdk-lib";
import { Key } from "aws-cdk-lib/aws-kms";
import { BlockPublicAccess, Bucket, BucketEncryption, ObjectOwnership } from "aws-cdk-lib/aws-s3";
import type { Construct } from "constructs";
import type { StageConfig } from "../config/stage-config.ts";

export interface DataLakeStackProps {
  readonly env: Environment;
  readonly config: StageConfig;
}

/** The bucket that holds leads, models and results, and the key that encrypts it. */
export class DataLakeStack extends Stack {
  readonly bucket: Bucket;
  readonly key: Key;

  constructor(scope: Construct, id: string, { env, config }: DataLakeStackProps) {
    super(scope, id, {
      env,
      stackName: `leadgauge-${config.name}-${id}`,
      description: "Leadgauge: data lake",
      terminationProtection: config.retainsData,
    });
    const removalPolicy = config.retainsData ? RemovalPolicy.RETAIN : RemovalPolicy.DESTROY;

    this.key = new Key(this, "Key", {
      description: "Encrypts the data lake of Leadgauge",
      enableKeyRotation: true,
      removalPolicy,
    });
    this.bucket = new Bucket(this, "Bucket", {
      encryption: BucketEncryption.KMS,
      encryptionKey: this.key,
      bucketKeyEnabled: true,
      enforceSSL: true,
      minimumTLSVersion: 1.2,
      blockPublicAccess: BlockPublicAccess.BLOCK_ALL,
      objectOwnership: ObjectOwnership.BUCKET_OWNER_ENFORCED,
      versioned: true,
      lifecycleRules: [
        {
          id: "clean-up",
          abortIncompleteMultipartUploadAfter: Duration.days(7),
          noncurrentVersionExpiration: Duration.days(90),
        },
      ],
      removalPolicy,
    });

    new CfnOutput(this, "BucketName", { value: this.bucket.bucketName });
  }
}
