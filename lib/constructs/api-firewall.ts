import type { Stage } from "aws-cdk-lib/aws-apigateway";
import { CfnWebACL, CfnWebACLAssociation } from "aws-cdk-lib/aws-wafv2";
import { Construct } from "constructs";
import { resourceNames } from "../config/names.ts";
import type { StageConfig } from "../config/stage-config.ts";

export interface ApiFirewallProps {
  readonly config: StageConfig;
  readonly stage: Stage;
  /** From one address; more are answered 403. */
  readonly requestsPerFiveMinutes: number;
}

/** A web application firewall before the API: AWS's common rules and known bad inputs, and a limit for each address. */
export class ApiFirewall extends Construct {
  constructor(scope: Construct, id: string, { config, stage, requestsPerFiveMinutes }: ApiFirewallProps) {
    super(scope, id);
    const visibility = (metricName: string) => ({
      metricName,
      cloudWatchMetricsEnabled: true,
      // Samples are whole requests.
      sampledRequestsEnabled: false,
    });
    const managed = (
      priority: number,
      name: string,
      counted: readonly string[] = [],
    ): CfnWebACL.RuleProperty => ({
      name,
      priority,
      overrideAction: { none: {} },
      statement: {
        managedRuleGroupStatement: {
          vendorName: "AWS",
          name,
          ruleActionOverrides: counted.map((rule) => ({ name: rule, actionToUse: { count: {} } })),
        },
      },
      visibilityConfig: visibility(name),
    });
    const acl = new CfnWebACL(this, "Acl", {
      name: resourceNames(config.name).resource("api"),
      scope: "REGIONAL",
      defaultAction: { allow: {} },
      visibilityConfig: visibility("Api"),
      rules: [
        {
          name: "RateOfOneAddress",
          priority: 0,
          action: { block: {} },
          statement: { rateBasedStatement: { limit: requestsPerFiveMinutes, aggregateKeyType: "IP" } },
          visibilityConfig: visibility("RateOfOneAddress"),
        },
        // A batch of leads is larger than the 8 kB that the rules of size and content are made for.
        managed(1, "AWSManagedRulesCommonRuleSet", ["SizeRestrictions_BODY", "CrossSiteScripting_BODY"]),
        managed(2, "AWSManagedRulesKnownBadInputsRuleSet"),
      ],
    });
    new CfnWebACLAssociation(this, "Association", { resourceArn: stage.stageArn, webAclArn: acl.attrArn });
  }
}
