import { Duration, RemovalPolicy, Stack } from "aws-cdk-lib";
import type { ISecurityGroup, IVpc, SubnetSelection } from "aws-cdk-lib/aws-ec2";
import { Effect, PolicyStatement, ServicePrincipal } from "aws-cdk-lib/aws-iam";
import type { IKey } from "aws-cdk-lib/aws-kms";
import {
  Architecture,
  Function as LambdaFunction,
  LoggingFormat,
  Runtime,
  Tracing,
} from "aws-cdk-lib/aws-lambda";
import { LogGroup } from "aws-cdk-lib/aws-logs";
import type { IQueue } from "aws-cdk-lib/aws-sqs";
import { Construct } from "constructs";
import { type FunctionPurpose, resourceNames } from "../config/names.ts";
import type { StageConfig } from "../config/stage-config.ts";
import { functionCode } from "./function-code.ts";
import { LeadgaugeRole } from "./leadgauge-role.ts";

/** Where a function runs when it runs inside the VPC. */
export interface FunctionNetwork {
  readonly vpc: IVpc;
  readonly subnets: SubnetSelection;
  readonly securityGroup: ISecurityGroup;
}

/** What the long-lived stacks give to every function. */
export interface FunctionPlatform {
  readonly config: StageConfig;
  /** Encrypts the function's log. */
  readonly key: IKey;
  /** Undefined: functions run outside of the VPC. */
  readonly network: FunctionNetwork | undefined;
}

export interface LeadgaugeFunctionProps {
  /** For a function that has to reach what is not in the VPC: `{ ...platform, network: undefined }`, with the reason. */
  readonly platform: FunctionPlatform;
  readonly purpose: FunctionPurpose;
  readonly description: string;
  /** From the project's root, such as `lambdas/api/index.ts`; it exports `handler`. */
  readonly entry: string;
  readonly memoryInMegabytes: number;
  readonly timeoutInSeconds: number;
  readonly environment?: Readonly<Record<string, string>>;
  /** What its code may do, each with a sid. Its log, its traces, its place in the VPC and its dead letters are added here. */
  readonly statements: readonly PolicyStatement[];
  /** For what is called asynchronously: takes the events that failed for good. */
  readonly deadLetterQueue?: IQueue;
  /** Default: the account's common pool. */
  readonly reservedConcurrency?: number;
}

/** A Lambda function of ours: Node 24 on ARM, one ESM bundle, a log group and a role of its own. */
export class LeadgaugeFunction extends Construct {
  readonly handler: LambdaFunction;
  readonly role: LeadgaugeRole;
  readonly logGroup: LogGroup;

  constructor(scope: Construct, id: string, props: LeadgaugeFunctionProps) {
    super(scope, id);
    const { config, key, network } = props.platform;
    const names = resourceNames(config.name);

    // A log goes with its function: a stack that was deleted can be deployed again under the same names.
    this.logGroup = new LogGroup(this, "Logs", {
      logGroupName: names.logGroup(props.purpose),
      encryptionKey: key,
      retention: config.logRetentionInDays,
      removalPolicy: RemovalPolicy.DESTROY,
    });
    this.role = new LeadgaugeRole(this, "Role", {
      config,
      purpose: props.purpose,
      description: `Leadgauge: ${props.description}`,
      assumedBy: new ServicePrincipal("lambda.amazonaws.com"),
      statements: [...props.statements, ...this.#ownStatements(props)],
    });
    this.handler = new LambdaFunction(this, "Handler", {
      functionName: names.function(props.purpose),
      description: `Leadgauge: ${props.description}`,
      code: functionCode(props.entry),
      handler: "index.handler",
      runtime: Runtime.NODEJS_24_X,
      architecture: Architecture.ARM_64,
      memorySize: props.memoryInMegabytes,
      timeout: Duration.seconds(props.timeoutInSeconds),
      // Constructs that come later must not widen it silently.
      role: this.role.withoutPolicyUpdates(),
      logGroup: this.logGroup,
      loggingFormat: LoggingFormat.JSON,
      tracing: Tracing.ACTIVE,
      environment: {
        ...props.environment,
        NODE_OPTIONS: "--enable-source-maps",
        // Stands in the user agent of every AWS call: CloudTrail tells by it which function called.
        AWS_SDK_UA_APP_ID: names.function(props.purpose),
      },
      ...(network && {
        vpc: network.vpc,
        vpcSubnets: network.subnets,
        securityGroups: [network.securityGroup],
      }),
      ...(props.deadLetterQueue && { deadLetterQueue: props.deadLetterQueue }),
      ...(props.reservedConcurrency !== undefined && {
        reservedConcurrentExecutions: props.reservedConcurrency,
      }),
    });
  }

  /** What every function needs of Lambda itself, whatever its code does. */
  #ownStatements({ platform, purpose, deadLetterQueue }: LeadgaugeFunctionProps): PolicyStatement[] {
    const { partition, region, account } = Stack.of(this);
    const name = resourceNames(platform.config.name).function(purpose);
    const statements = [
      new PolicyStatement({
        sid: "WriteOwnLog",
        actions: ["logs:CreateLogStream", "logs:PutLogEvents"],
        resources: [this.logGroup.logGroupArn],
      }),
      // X-Ray has no resources to name.
      new PolicyStatement({
        sid: "WriteTraces",
        actions: ["xray:PutTelemetryRecords", "xray:PutTraceSegments"],
        resources: ["*"],
      }),
    ];
    if (platform.network) {
      const actions = [
        "ec2:AssignPrivateIpAddresses",
        "ec2:CreateNetworkInterface",
        "ec2:DeleteNetworkInterface",
        "ec2:DescribeNetworkInterfaces",
        "ec2:DescribeSubnets",
        "ec2:UnassignPrivateIpAddresses",
      ];
      statements.push(
        // Lambda places the function in the VPC with its role, and checks these on every resource.
        new PolicyStatement({ sid: "BePlacedInVpc", actions, resources: ["*"] }),
        // The code itself may not.
        new PolicyStatement({
          sid: "LeavePlacementToLambda",
          effect: Effect.DENY,
          actions,
          resources: ["*"],
          conditions: {
            ArnEquals: {
              "lambda:SourceFunctionArn": `arn:${partition}:lambda:${region}:${account}:function:${name}`,
            },
          },
        }),
      );
    }
    if (deadLetterQueue) {
      statements.push(
        new PolicyStatement({
          sid: "SendDeadLetters",
          actions: ["sqs:SendMessage"],
          resources: [deadLetterQueue.queueArn],
        }),
      );
    }
    return statements;
  }
}
