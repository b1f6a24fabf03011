import { CustomResource, Duration, Stack } from "aws-cdk-lib";
import { type IVpc, Vpc } from "aws-cdk-lib/aws-ec2";
import { PolicyStatement } from "aws-cdk-lib/aws-iam";
import { Construct } from "constructs";
import { type FunctionPlatform, LeadgaugeFunction } from "../constructs/leadgauge-function.ts";

export interface NetworkSetupProps {
  readonly platform: FunctionPlatform;
  readonly vpc: IVpc;
}

/**
 * What CloudFormation has no resource for: closes the default security group of a VPC of our own, and finds the list of S3's
 * addresses, so that functions may reach those and not every address. Outside of the VPC: it answers CloudFormation.
 */
export class NetworkSetup extends Construct {
  readonly s3PrefixListId: string;

  constructor(scope: Construct, id: string, { platform, vpc }: NetworkSetupProps) {
    super(scope, id);
    const { partition, region, account } = Stack.of(this);
    const ownGroup = vpc instanceof Vpc ? vpc.vpcDefaultSecurityGroup : undefined;
    const setup = new LeadgaugeFunction(this, "Runner", {
      platform,
      purpose: "network-setup",
      description: "completes the network at deployment",
      entry: "lambdas/network-setup/index.ts",
      memoryInMegabytes: 256,
      timeoutInSeconds: 60,
      statements: [
        // EC2 describes have no resources to name.
        new PolicyStatement({
          sid: "FindAddressesOfS3",
          actions: ["ec2:DescribePrefixLists"],
          resources: ["*"],
        }),
        ...(ownGroup === undefined
          ? []
          : [
              new PolicyStatement({
                sid: "CloseDefaultGroup",
                actions: ["ec2:RevokeSecurityGroupEgress", "ec2:RevokeSecurityGroupIngress"],
                resources: [`arn:${partition}:ec2:${region}:${account}:security-group/${ownGroup}`],
              }),
            ]),
      ],
    });
    const setUp = new CustomResource(this, "Network", {
      resourceType: "Custom::NetworkSetup",
      serviceToken: setup.handler.functionArn,
      serviceTimeout: Duration.minutes(2),
      properties: {
        PrefixListName: `com.amazonaws.${region}.s3`,
        ...(ownGroup !== undefined && { DefaultSecurityGroupId: ownGroup }),
      },
    });
    this.s3PrefixListId = setUp.getAttString("PrefixListId");
  }
}
