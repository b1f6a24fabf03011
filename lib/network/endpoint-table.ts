import type { FunctionPurpose, ResourceNames } from "../config/names.ts";
import { prefixes } from "../config/prefixes.ts";
import type { StageConfig } from "../config/stage-config.ts";

/** What one caller may do through an endpoint. */
export interface EndpointUse {
  readonly caller: FunctionPurpose;
  readonly actions: readonly string[];
  readonly resources: readonly string[];
}

/** Services that have an endpoint in the isolated network, as IAM names them. S3's is a gateway and costs nothing. */
export type EndpointService = "s3" | "cloudwatch" | "execute-api" | "firehose" | "secretsmanager" | "sqs";

export interface EndpointRow {
  readonly service: EndpointService;
  readonly uses: readonly EndpointUse[];
}

/** How the table names resources, those of later stacks among them. */
export interface EndpointTargets {
  readonly config: StageConfig;
  readonly names: ResourceNames;
  readonly bucketArn: string;
  /** ARN of a resource of the same account and region. */
  arn(service: string, resource: string): string;
}

/**
 * The one table of what leaves the isolated network: service, callers, actions. It generates the endpoints, their policies
 * and the rules of the security groups; a test compares it with the roles of the functions inside the network.
 */
export function endpointTable(targets: EndpointTargets): readonly EndpointRow[] {
  const rows = [...scoringRows(targets), { service: "s3" as const, uses: batchUses(targets.bucketArn) }];
  const services = [...new Set(rows.map(({ service }) => service))];
  return services.map((service) => ({
    service,
    uses: rows.filter((row) => row.service === service).flatMap(({ uses }) => uses),
  }));
}

/** Of the scoring stack. Its canary is in the network only where the API is. */
function scoringRows({ config, names, bucketArn, arn }: EndpointTargets): EndpointRow[] {
  const models = `${bucketArn}/${prefixes.modelArtifacts}*`;
  const { isEnabled: captures } = config.capture;
  const { revertsBadPromotion } = config.scoring.promotionGuard;
  const isPrivate = config.api.endpoint === "private";
  const readers = ["api", "promotion-guard", ...(isPrivate ? (["canary"] as const) : [])] as const;
  const rows: EndpointRow[] = [
    {
      service: "s3",
      uses: [
        ...readers.flatMap((caller) => [
          { caller, actions: ["s3:GetObject"], resources: [models] },
          { caller, actions: ["s3:ListBucket"], resources: [bucketArn] },
        ]),
        { caller: "api", actions: ["s3:PutObject"], resources: [`${bucketArn}/${prefixes.outcomes}*`] },
      ],
    },
    {
      service: "cloudwatch",
      uses: [{ caller: "promotion-guard", actions: ["cloudwatch:GetMetricData"], resources: ["*"] }],
    },
  ];
  if (revertsBadPromotion) {
    const stages = `${bucketArn}/${prefixes.modelArtifacts}*/stages.json`;
    rows.push({
      service: "s3",
      uses: [{ caller: "promotion-guard", actions: ["s3:PutObject"], resources: [stages] }],
    });
  }
  if (captures) {
    const stream = arn("firehose", `deliverystream/${names.deliveryStream}`);
    const queue = arn("sqs", names.resource("capture-queue"));
    const predictions = `${bucketArn}/${prefixes.predictions}*`;
    rows.push(
      {
        service: "s3",
        uses: [{ caller: "capture-drain", actions: ["s3:PutObject"], resources: [predictions] }],
      },
      {
        service: "firehose",
        uses: [{ caller: "api", actions: ["firehose:PutRecordBatch"], resources: [stream] }],
      },
      { service: "sqs", uses: [{ caller: "api", actions: ["sqs:SendMessage"], resources: [queue] }] },
    );
  }
  if (isPrivate) {
    const calls = arn("execute-api", `*/${config.name}/POST/v1/models/*`);
    rows.push({
      service: "execute-api",
      uses: [{ caller: "canary", actions: ["execute-api:Invoke"], resources: [calls] }],
    });
    if (config.api.metersConsumers) {
      // CloudFormation names the secret by its logical id.
      const secret = arn("secretsmanager", "secret:MeteringCanaryKeySecret*");
      rows.push({
        service: "secretsmanager",
        uses: [{ caller: "canary", actions: ["secretsmanager:GetSecretValue"], resources: [secret] }],
      });
    }
  }
  return rows;
}

/** Each step of batch scoring reads drops and work, and writes where it says in lib/constructs/batch-functions.ts. */
function batchUses(bucketArn: string): EndpointUse[] {
  const { batchIn, batchOut, batchWorking, modelArtifacts } = prefixes;
  const under = (...keys: string[]) => keys.map((key) => `${bucketArn}/${key}*`);
  const manifests = `${bucketArn}/${batchOut}*/manifest.json`;
  const steps = [
    {
      caller: "batch-plan",
      reads: [...under(batchIn, batchWorking, modelArtifacts), manifests],
      writes: under(batchOut, batchWorking),
      deletes: under(batchOut),
    },
    {
      caller: "batch-score",
      reads: under(batchIn, batchWorking, modelArtifacts),
      writes: [`${bucketArn}/${batchWorking}*/results/*`],
      deletes: [],
    },
    {
      caller: "batch-finalise",
      reads: [...under(batchIn, batchWorking), manifests],
      writes: under(batchOut),
      deletes: under(batchOut),
    },
  ] as const;
  return steps.flatMap(({ caller, reads, writes, deletes }) => [
    { caller, actions: ["s3:GetObject"], resources: reads },
    { caller, actions: ["s3:ListBucket"], resources: [bucketArn] },
    {
      caller,
      actions: caller === "batch-score" ? ["s3:PutObject"] : ["s3:AbortMultipartUpload", "s3:PutObject"],
      resources: writes,
    },
    ...(deletes.length > 0 ? [{ caller, actions: ["s3:DeleteObject"], resources: deletes }] : []),
  ]);
}
