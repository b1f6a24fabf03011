import { CfnOutput, Duration, RemovalPolicy, Stack } from "aws-cdk-lib";
import { Metric, Stats } from "aws-cdk-lib/aws-cloudwatch";
import { Rule, RuleTargetInput } from "aws-cdk-lib/aws-events";
import { LambdaFunction, SfnStateMachine } from "aws-cdk-lib/aws-events-targets";
import { PolicyStatement, ServicePrincipal } from "aws-cdk-lib/aws-iam";
import { Queue, QueueEncryption } from "aws-cdk-lib/aws-sqs";
import type { Construct } from "constructs";
import { metrics } from "../config/metrics.ts";
import { resourceNames } from "../config/names.ts";
import { prefixes } from "../config/prefixes.ts";
import { BatchFunctions } from "../constructs/batch-functions.ts";
import { BatchMachine } from "../constructs/batch-machine.ts";
import type { DataLake } from "../constructs/data-lake.ts";
import { type AlarmContext, FIVE_MINUTES, LeadgaugeAlarm } from "../constructs/leadgauge-alarm.ts";
import type { FunctionPlatform } from "../constructs/leadgauge-function.ts";
import { LeadgaugeRole } from "../constructs/leadgauge-role.ts";
import { LeadgaugeStack } from "./leadgauge-stack.ts";

export interface BatchStackProps {
  readonly platform: FunctionPlatform;
  readonly dataLake: DataLake;
  readonly alarms: AlarmContext;
}

/** From a file that is dropped into the bucket to its results: rule, state machine, functions. Holds no data. */
export class BatchStack extends LeadgaugeStack {
  constructor(scope: Construct, { platform, dataLake, alarms }: BatchStackProps) {
    const { config, key } = platform;
    super(scope, { config, purpose: "batch", description: "scoring of dropped files", isLongLived: false });
    const names = resourceNames(config.name);
    const deadLetters = new Queue(this, "DeadLetters", {
      queueName: names.resource("batch-dead-letters"),
      encryption: QueueEncryption.KMS,
      encryptionMasterKey: key,
      enforceSSL: true,
      retentionPeriod: Duration.days(14),
      removalPolicy: RemovalPolicy.DESTROY,
    });
    const functions = new BatchFunctions(this, "Functions", { platform, dataLake, deadLetters });
    const { machine } = new BatchMachine(this, "Batch", { platform, dataLake, functions, deadLetters });
    const ruleRole = new LeadgaugeRole(this, "RuleRole", {
      config,
      purpose: "batch-rule",
      description: "Leadgauge: starts the scoring of a dropped file",
      assumedBy: new ServicePrincipal("events.amazonaws.com"),
      statements: [
        new PolicyStatement({
          sid: "StartScoring",
          actions: ["states:StartExecution"],
          resources: [machine.stateMachineArn],
        }),
      ],
    });
    new Rule(this, "Drops", {
      ruleName: names.resource("drops"),
      description: "A file was dropped: it is scored",
      eventPattern: {
        account: [Stack.of(this).account],
        source: ["aws.s3"],
        detailType: ["Object Created"],
        detail: {
          bucket: { name: [dataLake.bucket.bucketName] },
          object: { key: [{ prefix: prefixes.batchIn }] },
        },
      },
      targets: [
        new SfnStateMachine(machine, {
          role: ruleRole.withoutPolicyUpdates(),
          deadLetterQueue: deadLetters,
          maxEventAge: Duration.hours(24),
          retryAttempts: 185,
        }),
      ],
    });
    new Rule(this, "Ended", {
      ruleName: names.resource("drops-ended"),
      description: "Scoring of a file ended without success: its manifest says so",
      eventPattern: {
        account: [Stack.of(this).account],
        source: ["aws.states"],
        detailType: ["Step Functions Execution Status Change"],
        // Those of the file's parts have ARNs of their own.
        detail: { stateMachineArn: [machine.stateMachineArn], status: ["ABORTED", "FAILED", "TIMED_OUT"] },
      },
      targets: [
        new LambdaFunction(functions.finalise.handler, {
          event: RuleTargetInput.fromEventPath("$.detail"),
          deadLetterQueue: deadLetters,
          maxEventAge: Duration.hours(24),
          retryAttempts: 185,
        }),
      ],
    });

    new LeadgaugeAlarm(this, {
      context: alarms,
      alarmId: "batch-failed",
      meaning: "A dropped file could not be scored, or not all of it, for a reason that lies with us.",
      metric: machine.metricFailed({ period: FIVE_MINUTES, statistic: Stats.SUM }),
      threshold: 1,
    });
    new LeadgaugeAlarm(this, {
      context: alarms,
      alarmId: "batch-timed-out",
      meaning: `A dropped file was not scored within ${config.batch.executionTimeoutInHours} hours.`,
      metric: machine.metricTimedOut({ period: FIVE_MINUTES, statistic: Stats.SUM }),
      threshold: 1,
    });
    new LeadgaugeAlarm(this, {
      context: alarms,
      alarmId: "batch-dead-letters",
      meaning: "Events or drops wait in the queue of those that failed for good.",
      metric: deadLetters.metricApproximateNumberOfMessagesVisible({
        period: FIVE_MINUTES,
        statistic: Stats.MAXIMUM,
      }),
      threshold: 1,
    });
    new LeadgaugeAlarm(this, {
      context: alarms,
      alarmId: "batch-file-refused",
      meaning: "A dropped file could not be used: its manifest says why.",
      metric: new Metric({
        namespace: names.metricNamespace,
        metricName: metrics.dropsRefused,
        dimensionsMap: { service: "batch", stage: config.name },
        period: FIVE_MINUTES,
        statistic: Stats.SUM,
      }),
      threshold: 1,
    });

    new CfnOutput(this, "DropCommand", {
      description: "Scores a file: the results appear under batch/out/",
      value: `aws s3 cp leads.csv s3://${dataLake.bucket.bucketName}/${prefixes.batchIn}MODEL/`,
    });
    new CfnOutput(this, "StateMachineArn", { value: machine.stateMachineArn });
  }
}
