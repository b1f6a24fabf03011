import type { FunctionPurpose, ResourceNames } from "../config/names.ts";
import { prefixes } from "../config/prefixes.ts";

/** What one caller may do through an endpoint. */
export interface EndpointUse {
  readonly caller: FunctionPurpose;
  readonly actions: readonly string[];
  readonly resources: readonly string[];
}

/** Services that have an endpoint in the isolated network, as IAM names them. S3's is a gateway and costs nothing. */
export type EndpointService = "s3" | "firehose" | "sqs" | "states" | "execute-api";

export interface EndpointRow {
  readonly service: EndpointService;
  readonly uses: readonly EndpointUse[];
}

/** How the table names resources, those of later stacks among them. */
export interface EndpointTargets {
  readonly names: ResourceNames;
  readonly bucketArn: string;
  /** ARN of a resource of the same account and region. */
  arn(service: string, resource: string): string;
}

/**
 * The one table of what leaves the isolated network: service, callers, actions. It generates the endpoints, their policies
 * and the rules of the security groups; a test compares it with the roles of the functions inside the network.
 */
export function endpointTable({ bucketArn }: EndpointTargets): readonly EndpointRow[] {
  return [
    {
      service: "s3",
      uses: [
        {
          caller: "api",
          actions: ["s3:GetObject"],
          resources: [`${bucketArn}/${prefixes.modelArtifacts}*`],
        },
        { caller: "api", actions: ["s3:ListBucket"], resources: [bucketArn] },
        { caller: "api", actions: ["s3:PutObject"], resources: [`${bucketArn}/${prefixes.outcomes}*`] },
      ],
    },
  ];
}
