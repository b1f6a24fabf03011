import { Duration, RemovalPolicy, Stack } from "aws-cdk-lib";
import { PolicyStatement, ServicePrincipal } from "aws-cdk-lib/aws-iam";
import { LogGroup } from "aws-cdk-lib/aws-logs";
import type { IQueue } from "aws-cdk-lib/aws-sqs";
import { DefinitionBody, LogLevel, StateMachine } from "aws-cdk-lib/aws-stepfunctions";
import { Construct } from "constructs";
import { resourceNames } from "../config/names.ts";
import { prefixes } from "../config/prefixes.ts";
import { batchDefinition } from "./batch-definition.ts";
import type { BatchFunctions } from "./batch-functions.ts";
import type { DataLake } from "./data-lake.ts";
import type { FunctionPlatform } from "./leadgauge-function.ts";
import { LeadgaugeRole } from "./leadgauge-role.ts";

export interface BatchMachineProps {
  readonly platform: FunctionPlatform;
  readonly dataLake: DataLake;
  readonly functions: BatchFunctions;
  readonly deadLetters: IQueue;
}

/** Leads a drop through its steps. */
export class BatchMachine extends Construct {
  readonly machine: StateMachine;

  constructor(scope: Construct, id: string, props: BatchMachineProps) {
    super(scope, id);
    const { platform, dataLake, functions, deadLetters } = props;
    const { config, key } = platform;
    const { partition, region, account } = Stack.of(this);
    const names = resourceNames(config.name);
    const timeout = Duration.hours(config.batch.executionTimeoutInHours);
    const logs = new LogGroup(this, "Logs", {
      logGroupName: names.logGroup("batch-machine"),
      encryptionKey: key,
      retention: config.logRetentionInDays,
      removalPolicy: RemovalPolicy.DESTROY,
    });
    const functionArns = {
      plan: functions.plan.handler.functionArn,
      score: functions.score.handler.functionArn,
      finalise: functions.finalise.handler.functionArn,
    };
    const states = (kind: string, name: string) =>
      `arn:${partition}:states:${region}:${account}:${kind}:${name}`;
    const role = new LeadgaugeRole(this, "Role", {
      config,
      purpose: "batch-machine",
      description: "Leadgauge: leads drops through their steps",
      assumedBy: new ServicePrincipal("states.amazonaws.com"),
      statements: [
        new PolicyStatement({
          sid: "InvokeSteps",
          actions: ["lambda:InvokeFunction"],
          resources: Object.values(functionArns),
        }),
        new PolicyStatement({
          sid: "ReadPendingParts",
          actions: ["s3:GetObject"],
          resources: [dataLake.bucket.arnForObjects(`${prefixes.batchWorking}*/pending.json`)],
        }),
        dataLake.useOfKeyThrough("s3", ["kms:Decrypt"]),
        // A distributed map runs its items as executions of the machine itself.
        new PolicyStatement({
          sid: "RunParts",
          actions: ["states:StartExecution"],
          resources: [states("stateMachine", names.stateMachine)],
        }),
        new PolicyStatement({
          sid: "FollowParts",
          actions: ["states:DescribeExecution", "states:StopExecution"],
          resources: [states("execution", `${names.stateMachine}:*`)],
        }),
        new PolicyStatement({
          sid: "KeepDeadLetters",
          actions: ["sqs:SendMessage"],
          resources: [deadLetters.queueArn],
        }),
        dataLake.useOfKeyThrough("sqs", ["kms:Decrypt", "kms:GenerateDataKey"]),
        // Deliveries of logs, and X-Ray, have no resources to name.
        new PolicyStatement({
          sid: "DeliverLogs",
          actions: [
            "logs:CreateLogDelivery",
            "logs:DeleteLogDelivery",
            "logs:DescribeLogGroups",
            "logs:DescribeResourcePolicies",
            "logs:GetLogDelivery",
            "logs:ListLogDeliveries",
            "logs:PutResourcePolicy",
            "logs:UpdateLogDelivery",
          ],
          resources: ["*"],
        }),
        new PolicyStatement({
          sid: "WriteTraces",
          actions: [
            "xray:GetSamplingRules",
            "xray:GetSamplingTargets",
            "xray:PutTelemetryRecords",
            "xray:PutTraceSegments",
          ],
          resources: ["*"],
        }),
      ],
    });
    const definition = batchDefinition({
      partition,
      bucketName: dataLake.bucket.bucketName,
      functionArns,
      deadLetterUrl: deadLetters.queueUrl,
      concurrentParts: config.batch.concurrentParts,
      timeoutInSeconds: timeout.toSeconds(),
    });
    this.machine = new StateMachine(this, "Machine", {
      stateMachineName: names.stateMachine,
      definitionBody: DefinitionBody.fromString(Stack.of(this).toJsonString(definition)),
      // What the constructs would add is wider than what is needed.
      role: role.withoutPolicyUpdates(),
      // Executions carry names of files, which may tell of people: the log does without.
      logs: { destination: logs, level: LogLevel.ALL, includeExecutionData: false },
      tracingEnabled: true,
    });
    // The machine is tried out by AWS when it is made: its role must be whole by then.
    this.machine.node.addDependency(role);
  }
}
