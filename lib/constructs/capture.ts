import { Duration, RemovalPolicy, Stack } from "aws-cdk-lib";
import { PolicyStatement, ServicePrincipal } from "aws-cdk-lib/aws-iam";
import { CfnDeliveryStream } from "aws-cdk-lib/aws-kinesisfirehose";
import { EventSourceMapping } from "aws-cdk-lib/aws-lambda";
import { LogGroup, LogStream } from "aws-cdk-lib/aws-logs";
import { Queue, QueueEncryption } from "aws-cdk-lib/aws-sqs";
import { Construct } from "constructs";
import { resourceNames } from "../config/names.ts";
import { DELIVERED_HOUR_FORMAT, predictionsTable } from "../config/predictions-table.ts";
import { prefixes } from "../config/prefixes.ts";
import type { DataLake } from "./data-lake.ts";
import { type FunctionPlatform, LeadgaugeFunction } from "./leadgauge-function.ts";
import { LeadgaugeRole } from "./leadgauge-role.ts";

export interface CaptureProps {
  readonly platform: FunctionPlatform;
  readonly dataLake: DataLake;
}

const DRAIN_TIMEOUT_IN_SECONDS = 60;
/** Firehose collects this much before it writes a file, if the time is not over first: the least it takes where it converts. */
const BUFFER_IN_MEGABYTES = 64;

/** Where predictions go: a delivery stream that writes Parquet by the hour, and a queue, drained by a function, for what the stream does not take. */
export class Capture extends Construct {
  readonly stream: CfnDeliveryStream;
  readonly queue: Queue;
  readonly deadLetters: Queue;
  readonly drain: LeadgaugeFunction;
  readonly #platform: FunctionPlatform;
  readonly #dataLake: DataLake;

  constructor(scope: Construct, id: string, { platform, dataLake }: CaptureProps) {
    super(scope, id);
    this.#platform = platform;
    this.#dataLake = dataLake;
    const names = resourceNames(platform.config.name);
    this.stream = this.#deliveryStream();
    this.deadLetters = this.#queue("DeadLetters", names.resource("capture-dead-letters"));
    this.queue = this.#queue("Queue", names.resource("capture-queue"), this.deadLetters);
    this.drain = this.#drain();
  }

  /** What the function that captures needs in its environment. */
  get environment(): Record<string, string> {
    return {
      LEADGAUGE_PREDICTIONS_STREAM: resourceNames(this.#platform.config.name).deliveryStream,
      LEADGAUGE_PREDICTIONS_QUEUE_URL: this.queue.queueUrl,
    };
  }

  /** What the function that captures must be allowed. */
  get statements(): PolicyStatement[] {
    return [
      new PolicyStatement({
        sid: "CapturePredictions",
        actions: ["firehose:PutRecordBatch"],
        resources: [this.stream.attrArn],
      }),
      new PolicyStatement({
        sid: "QueuePredictions",
        actions: ["sqs:SendMessage"],
        resources: [this.queue.queueArn],
      }),
      this.#dataLake.useOfKeyThrough("sqs", ["kms:Decrypt", "kms:GenerateDataKey"]),
    ];
  }

  #queue(id: string, queueName: string, deadLetters?: Queue): Queue {
    return new Queue(this, id, {
      queueName,
      encryption: QueueEncryption.KMS,
      encryptionMasterKey: this.#platform.key,
      dataKeyReuse: Duration.hours(1),
      enforceSSL: true,
      retentionPeriod: Duration.days(14),
      // As Lambda asks: six times what one attempt may take.
      visibilityTimeout: Duration.seconds(6 * DRAIN_TIMEOUT_IN_SECONDS),
      ...(deadLetters && { deadLetterQueue: { queue: deadLetters, maxReceiveCount: 5 } }),
    });
  }

  #drain(): LeadgaugeFunction {
    const { bucket } = this.#dataLake;
    const drain = new LeadgaugeFunction(this, "Drain", {
      platform: this.#platform,
      purpose: "capture-drain",
      description: "writes predictions that came by the queue",
      entry: "lambdas/capture-drain/index.ts",
      memoryInMegabytes: 512,
      timeoutInSeconds: DRAIN_TIMEOUT_IN_SECONDS,
      environment: { LEADGAUGE_BUCKET: bucket.bucketName, LEADGAUGE_STAGE: this.#platform.config.name },
      statements: [
        new PolicyStatement({
          sid: "WritePredictions",
          actions: ["s3:PutObject"],
          resources: [bucket.arnForObjects(`${prefixes.predictions}*`)],
        }),
        this.#dataLake.useOfKeyThrough("s3", ["kms:GenerateDataKey"]),
        // Lambda receives with the function's role.
        new PolicyStatement({
          sid: "DrainQueue",
          actions: ["sqs:DeleteMessage", "sqs:GetQueueAttributes", "sqs:ReceiveMessage"],
          resources: [this.queue.queueArn],
        }),
        this.#dataLake.useOfKeyThrough("sqs", ["kms:Decrypt"]),
      ],
    });
    new EventSourceMapping(this, "Messages", {
      target: drain.handler,
      eventSourceArn: this.queue.queueArn,
      batchSize: 10,
      reportBatchItemFailures: true,
      maxConcurrency: 5,
    });
    return drain;
  }

  #deliveryStream(): CfnDeliveryStream {
    const { config } = this.#platform;
    const { bucket, key } = this.#dataLake;
    const names = resourceNames(config.name);
    const logGroup = new LogGroup(this, "StreamLog", {
      logGroupName: names.logGroup("capture-stream"),
      encryptionKey: key,
      retention: config.logRetentionInDays,
      removalPolicy: RemovalPolicy.DESTROY,
    });
    const log = new LogStream(this, "StreamLogStream", {
      logGroup,
      logStreamName: "delivery",
      removalPolicy: RemovalPolicy.DESTROY,
    });
    const role = this.#streamRole(logGroup);
    const hour = `${predictionsTable.partitionKey.name}=!{timestamp:${DELIVERED_HOUR_FORMAT}}/`;
    const stream = new CfnDeliveryStream(this, "Stream", {
      deliveryStreamName: names.deliveryStream,
      deliveryStreamType: "DirectPut",
      deliveryStreamEncryptionConfigurationInput: { keyType: "AWS_OWNED_CMK" },
      extendedS3DestinationConfiguration: {
        bucketArn: bucket.bucketArn,
        roleArn: role.roleArn,
        prefix: prefixes.predictions + hour,
        errorOutputPrefix: `${prefixes.predictionsFailed}!{firehose:error-output-type}/${hour}`,
        bufferingHints: { intervalInSeconds: config.capture.bufferInSeconds, sizeInMBs: BUFFER_IN_MEGABYTES },
        // Parquet is compressed inside.
        compressionFormat: "UNCOMPRESSED",
        encryptionConfiguration: { kmsEncryptionConfig: { awskmsKeyArn: key.keyArn } },
        cloudWatchLoggingOptions: {
          enabled: true,
          logGroupName: logGroup.logGroupName,
          logStreamName: log.logStreamName,
        },
        dataFormatConversionConfiguration: {
          enabled: true,
          inputFormatConfiguration: { deserializer: { openXJsonSerDe: { caseInsensitive: false } } },
          outputFormatConfiguration: { serializer: { parquetSerDe: { compression: "SNAPPY" } } },
          schemaConfiguration: {
            catalogId: Stack.of(this).account,
            region: Stack.of(this).region,
            databaseName: names.catalogDatabase,
            tableName: names.predictionsTable,
            versionId: "LATEST",
            roleArn: role.roleArn,
          },
        },
      },
    });
    stream.node.addDependency(role);
    return stream;
  }

  #streamRole(logGroup: LogGroup): LeadgaugeRole {
    const { config } = this.#platform;
    const { bucket } = this.#dataLake;
    const { partition, region, account } = Stack.of(this);
    const names = resourceNames(config.name);
    const catalog = (resource: string) => `arn:${partition}:glue:${region}:${account}:${resource}`;
    return new LeadgaugeRole(this, "StreamRole", {
      config,
      purpose: "capture-stream",
      description: "Leadgauge: writes captured predictions as Parquet",
      assumedBy: new ServicePrincipal("firehose.amazonaws.com", {
        conditions: { StringEquals: { "aws:SourceAccount": account } },
      }),
      statements: [
        new PolicyStatement({
          sid: "WritePredictions",
          actions: ["s3:AbortMultipartUpload", "s3:PutObject"],
          resources: [prefixes.predictions, prefixes.predictionsFailed].map((prefix) =>
            bucket.arnForObjects(`${prefix}*`),
          ),
        }),
        new PolicyStatement({
          sid: "FindBucket",
          actions: ["s3:GetBucketLocation", "s3:ListBucket", "s3:ListBucketMultipartUploads"],
          resources: [bucket.bucketArn],
        }),
        this.#dataLake.useOfKeyThrough("s3", ["kms:Decrypt", "kms:GenerateDataKey"]),
        new PolicyStatement({
          sid: "ReadTable",
          actions: ["glue:GetTable", "glue:GetTableVersion", "glue:GetTableVersions"],
          resources: [
            catalog("catalog"),
            catalog(`database/${names.catalogDatabase}`),
            catalog(`table/${names.catalogDatabase}/${names.predictionsTable}`),
          ],
        }),
        new PolicyStatement({
          sid: "WriteOwnLog",
          actions: ["logs:PutLogEvents"],
          resources: [logGroup.logGroupArn],
        }),
      ],
    });
  }
}
