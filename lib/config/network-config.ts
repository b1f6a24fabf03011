import { z } from "zod";
import { logRetention, privateCidr, resourceId, vpcCidr, zone } from "./values.ts";

/** Redshift Serverless with enhanced routing needs subnets in three zones. */
export const ZONE_COUNT = 3;

/** The VPC is cut into four equal parts, one a zone and one in reserve. */
export const SUBNET_BITS = 2;

const threeZones = z
  .array(zone)
  .length(ZONE_COUNT, `must be ${ZONE_COUNT} zones: the warehouse needs a subnet in each of three`)
  .refine((zones) => new Set(zones).size === zones.length, "must be different zones");

/** Services that isolated functions may reach by an endpoint, by the last part of its name; lib/network/interface-services.ts names the same, a test says. */
export const endpointServices = [
  "execute-api",
  "kinesis-firehose",
  "monitoring",
  "s3",
  "secretsmanager",
  "sqs",
] as const;

/** What services are called elsewhere: in IAM, or by their product. */
const otherNames: ReadonlyMap<string, (typeof endpointServices)[number]> = new Map([
  ["apigateway", "execute-api"],
  ["cloudwatch", "monitoring"],
  ["firehose", "kinesis-firehose"],
  ["secrets-manager", "secretsmanager"],
]);

const existingEndpoints = z.record(z.string(), resourceId("vpce")).superRefine((endpoints, context) => {
  for (const name of Object.keys(endpoints)) {
    if (isEndpointService(name)) continue;
    const last = name.toLowerCase().split(".").at(-1) ?? "";
    const meant = isEndpointService(last) ? last : otherNames.get(last);
    const suggestion = meant === undefined ? "." : `; did you mean "${meant}"?`;
    context.addIssue({
      code: "custom",
      path: [name],
      message: `is no service that functions reach by an endpoint${suggestion} Those are ${endpointServices.join(", ")}; leave other endpoints out`,
    });
  }
});

function isEndpointService(name: string): boolean {
  return endpointServices.some((service) => service === name);
}

/** A subnet without a route to the internet. */
const existingSubnetSchema = z.strictObject({
  /** Required. */
  id: resourceId("subnet"),
  /** The availability zone it lies in. Required. */
  zone,
  /** The route table it uses: S3's gateway endpoint is a route in it. Required. */
  routeTableId: resourceId("rtb"),
});

/** A network that exists already. Nothing in it is changed but for what is added: security groups and missing endpoints. */
const existingVpcSchema = z
  .strictObject({
    /** Required, as the range and the subnets are. */
    vpcId: resourceId("vpc"),
    /** Its address range: functions may reach the endpoints that exist in it. Required. */
    cidr: vpcCidr,
    /** Without a route to the internet, one in each of three zones. Required. */
    subnets: z
      .array(existingSubnetSchema)
      .length(ZONE_COUNT, `must be ${ZONE_COUNT} subnets, each in a zone of its own`),
    /**
     * Endpoints that exist already, by the last part of the service's name, such as `{ "kinesis-firehose": "vpce-…" }`, or `s3`
     * for a gateway: they are used, not made again (a second private DNS name would fail the deployment). Their policies and
     * security groups are yours: docs/deploy.md says what they have to let through. Default: none.
     */
    endpoints: existingEndpoints.default({}),
  })
  .refine(({ subnets }) => new Set(subnets.map((subnet) => subnet.zone)).size === subnets.length, {
    error: "must be in different zones",
    path: ["subnets"],
  })
  .refine(({ subnets }) => new Set(subnets.map(({ id }) => id)).size === subnets.length, {
    error: "must be different subnets",
    path: ["subnets"],
  });

/** Where functions run, and in which network. */
export const networkConfigSchema = z.strictObject({
  /**
   * `isolated`: functions run inside the VPC and reach AWS through endpoints only; `standard`: functions run outside of it,
   * without the cost of endpoints. Default: `isolated`.
   */
  mode: z.enum(["isolated", "standard"]).default("isolated"),
  /** Address range of the VPC that is created. Default: `10.20.0.0/20`. */
  cidr: privateCidr.default("10.20.0.0/20"),
  /** The zones of the subnets that are created. Default: the first three of the region. */
  zones: threeZones.optional(),
  /** Days for which the log of the network's connections is kept. Default: 90. */
  flowLogRetentionInDays: logRetention.default(90),
  /** A network that exists already. Default: a VPC is created. */
  existing: existingVpcSchema.optional(),
});

export type ExistingVpc = z.output<typeof existingVpcSchema>;
