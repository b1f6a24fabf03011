import { RemovalPolicy, Stack } from "aws-cdk-lib";
import { CfnAccount } from "aws-cdk-lib/aws-apigateway";
import { PolicyStatement, ServicePrincipal } from "aws-cdk-lib/aws-iam";
import { Construct } from "constructs";
import type { StageConfig } from "../config/stage-config.ts";
import { LeadgaugeRole } from "./leadgauge-role.ts";

/**
 * The role that API Gateway writes access logs with: an account and region has one, for all of its APIs. So it lives with the stage, and
 * not with the API that can be deleted and deployed again.
 */
export class GatewayLogRole extends Construct {
  constructor(scope: Construct, id: string, config: StageConfig) {
    super(scope, id);
    const { partition, region, account } = Stack.of(this);
    const role = new LeadgaugeRole(this, "Role", {
      config,
      purpose: "gateway-logs",
      description: "Leadgauge: API Gateway writes access logs with it",
      assumedBy: new ServicePrincipal("apigateway.amazonaws.com"),
      statements: [
        new PolicyStatement({
          sid: "WriteLogs",
          // What the service demands of the role before it takes it: all of these, on any log of the account.
          actions: [
            "logs:CreateLogGroup",
            "logs:CreateLogStream",
            "logs:DescribeLogStreams",
            "logs:FilterLogEvents",
            "logs:GetLogEvents",
            "logs:PutLogEvents",
          ],
          resources: [`arn:${partition}:logs:${region}:${account}:*`],
        }),
        // Looking for log groups has no resource to name.
        new PolicyStatement({ sid: "FindLogs", actions: ["logs:DescribeLogGroups"], resources: ["*"] }),
      ],
    });
    // Without it the logs of the account's other APIs would stop.
    role.applyRemovalPolicy(config.retainsData ? RemovalPolicy.RETAIN : RemovalPolicy.DESTROY);
    const setting = new CfnAccount(this, "Setting", { cloudWatchRoleArn: role.roleArn });
    setting.node.addDependency(role);
  }
}
