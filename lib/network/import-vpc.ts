import { type IVpc, Vpc } from "aws-cdk-lib/aws-ec2";
import type { Construct } from "constructs";
import type { ExistingVpc } from "../config/network-config.ts";

/** A VPC that exists, by what the configuration says of it: nothing is looked up. */
export function importVpc(scope: Construct, { vpcId, cidr, subnets }: ExistingVpc): IVpc {
  return Vpc.fromVpcAttributes(scope, "Vpc", {
    vpcId,
    vpcCidrBlock: cidr,
    availabilityZones: subnets.map(({ zone }) => zone),
    isolatedSubnetIds: subnets.map(({ id }) => id),
    isolatedSubnetRouteTableIds: subnets.map(({ routeTableId }) => routeTableId),
  });
}
