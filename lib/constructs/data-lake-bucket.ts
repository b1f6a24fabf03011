import { Duration, type RemovalPolicy } from "aws-cdk-lib";
import type { IKey } from "aws-cdk-lib/aws-kms";
import {
  BlockPublicAccess,
  Bucket,
  BucketEncryption,
  type CfnBucket,
  type IBucket,
  type LifecycleRule,
  ObjectOwnership,
  StorageClass,
} from "aws-cdk-lib/aws-s3";
import type { Construct } from "constructs";
import { prefixes } from "../config/prefixes.ts";
import type { StageConfig } from "../config/stage-config.ts";
import { registryProtection } from "./registry-protection.ts";

export interface DataLakeBucketProps {
  readonly config: StageConfig;
  readonly key: IKey;
  readonly removalPolicy: RemovalPolicy;
}

const common = {
  enforceSSL: true,
  minimumTLSVersion: 1.2,
  blockPublicAccess: BlockPublicAccess.BLOCK_ALL,
  objectOwnership: ObjectOwnership.BUCKET_OWNER_ENFORCED,
} as const;

/** The bucket of the data lake, and the one that its access logs go to. */
export class DataLakeBucket extends Bucket {
  constructor(scope: Construct, id: string, { config, key, removalPolicy }: DataLakeBucketProps) {
    const settings = config.dataLake;
    const accessLogs = new Bucket(scope, "AccessLogs", {
      ...common,
      // S3 writes access logs to buckets with its own encryption only.
      encryption: BucketEncryption.S3_MANAGED,
      versioned: true,
      lifecycleRules: [
        {
          id: "expire-logs",
          expiration: Duration.days(settings.accessLogRetentionInDays),
          noncurrentVersionExpiration: Duration.days(1),
        },
      ],
      removalPolicy,
    });
    super(scope, id, {
      ...common,
      encryption: BucketEncryption.KMS,
      encryptionKey: key,
      bucketKeyEnabled: true,
      versioned: true,
      serverAccessLogsBucket: accessLogs as IBucket,
      serverAccessLogsPrefix: "data-lake/",
      lifecycleRules: lifecycleRules(settings),
      removalPolicy,
    });
    // Set on the resource: Bucket's own option would add a function that sets it.
    (this.node.defaultChild as CfnBucket).notificationConfiguration = {
      eventBridgeConfiguration: { eventBridgeEnabled: true },
    };
    for (const statement of registryProtection(this)) this.addToResourcePolicy(statement);
  }
}

/** One rule a prefix. model-artifacts/ and outcomes/ have none: models are immutable and small, outcomes are what training needs. */
function lifecycleRules(settings: StageConfig["dataLake"]): LifecycleRule[] {
  const expire = (
    prefix: string,
    days: number,
    id = prefix.replaceAll("/", "-").slice(0, -1),
  ): LifecycleRule => ({
    id: `expire-${id}`,
    prefix,
    expiration: Duration.days(days),
    // Read now and then once they are a month old: a cheaper class pays from then on.
    ...(days >= 180 && {
      transitions: [{ storageClass: StorageClass.INFREQUENT_ACCESS, transitionAfter: Duration.days(30) }],
    }),
  });
  return [
    {
      id: "clean-up",
      abortIncompleteMultipartUploadAfter: Duration.days(7),
      noncurrentVersionExpiration: Duration.days(settings.previousVersionRetentionInDays),
      expiredObjectDeleteMarker: true,
    },
    expire(prefixes.rawData, settings.rawRetentionInDays),
    expire(prefixes.processedData, settings.rawRetentionInDays),
    expire(prefixes.batchIn, settings.dropRetentionInDays),
    expire(prefixes.batchOut, settings.dropRetentionInDays),
    expire(prefixes.batchWorking, WORK_RETENTION_IN_DAYS),
    expire(prefixes.predictions, settings.predictionRetentionInDays),
    expire(prefixes.predictionsFailed, settings.predictionRetentionInDays),
    expire(prefixes.reports, settings.predictionRetentionInDays),
  ];
}

/** A drop that failed can be redriven for as long. */
const WORK_RETENTION_IN_DAYS = 14;
