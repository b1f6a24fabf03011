import { CfnMicrosoftTeamsChannelConfiguration, CfnSlackChannelConfiguration } from "aws-cdk-lib/aws-chatbot";
import { ManagedPolicy, PolicyStatement, ServicePrincipal } from "aws-cdk-lib/aws-iam";
import type { ITopic } from "aws-cdk-lib/aws-sns";
import { Construct } from "constructs";
import { resourceNames } from "../config/names.ts";
import type { StageConfig } from "../config/stage-config.ts";
import { LeadgaugeRole } from "./leadgauge-role.ts";

export interface AlertChatProps {
  readonly config: StageConfig;
  readonly topic: ITopic;
}

/** Shows every alert in a channel of Slack or Teams, by Amazon Q Developer in chat applications. Nobody can do anything from there. */
export class AlertChat extends Construct {
  constructor(scope: Construct, id: string, { config, topic }: AlertChatProps) {
    super(scope, id);
    const name = resourceNames(config.name).resource("alerts");
    // The chart beside an alarm; CloudWatch has no resources for it.
    const drawAlarms = () =>
      new PolicyStatement({
        sid: "DrawAlarms",
        actions: ["cloudwatch:DescribeAlarms", "cloudwatch:GetMetricData"],
        resources: ["*"],
      });
    const role = new LeadgaugeRole(this, "Role", {
      config,
      purpose: "alert-chat",
      description: "Leadgauge: draws alarms in a chat",
      assumedBy: new ServicePrincipal("chatbot.amazonaws.com"),
      statements: [drawAlarms()],
    });
    // Without one, people in the channel could be let do whatever an administrator may.
    const guardrail = new ManagedPolicy(this, "Guardrail", {
      description: "Leadgauge: the most that anybody may do from the chat of alerts",
      path: config.guardrails.rolePath,
      statements: [drawAlarms()],
    });
    const common = {
      iamRoleArn: role.roleArn,
      snsTopicArns: [topic.topicArn],
      guardrailPolicies: [guardrail.managedPolicyArn],
      loggingLevel: "ERROR",
      userRoleRequired: false,
    };
    const { slack, teams } = config.alerts;
    if (slack) {
      new CfnSlackChannelConfiguration(this, "Slack", {
        ...common,
        configurationName: `${name}-slack`,
        slackWorkspaceId: slack.workspaceId,
        slackChannelId: slack.channelId,
      });
    }
    if (teams) {
      new CfnMicrosoftTeamsChannelConfiguration(this, "Teams", {
        ...common,
        configurationName: `${name}-teams`,
        teamsTenantId: teams.tenantId,
        teamId: teams.teamId,
        teamsChannelId: teams.channelId,
      });
    }
  }
}
