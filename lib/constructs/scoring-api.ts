import { CfnOutput, RemovalPolicy, Stack } from "aws-cdk-lib";
import {
  AccessLogFormat,
  AuthorizationType,
  EndpointType,
  LambdaIntegration,
  LogGroupLogDestination,
  MethodLoggingLevel,
  RestApi,
} from "aws-cdk-lib/aws-apigateway";
import type { IInterfaceVpcEndpoint } from "aws-cdk-lib/aws-ec2";
import type { IFunction } from "aws-cdk-lib/aws-lambda";
import { LogGroup } from "aws-cdk-lib/aws-logs";
import { Construct } from "constructs";
import { resourceNames } from "../config/names.ts";
import type { FunctionPlatform } from "./leadgauge-function.ts";
import { problemResponses } from "./problem-responses.ts";
import { resourcePolicy } from "./scoring-api-policy.ts";

export interface ScoringApiProps {
  readonly platform: FunctionPlatform;
  readonly handler: IFunction;
  /** Of a private API: the endpoint in the stage's own network. */
  readonly endpoint: IInterfaceVpcEndpoint | undefined;
}

/**
 * A REST API that hands every request of an IAM-authenticated caller to the scoring function. The function validates: the gateway's own
 * validator would answer first, and in another form.
 */
export class ScoringApi extends Construct {
  readonly api: RestApi;

  constructor(scope: Construct, id: string, { platform, handler, endpoint }: ScoringApiProps) {
    super(scope, id);
    const { config, key } = platform;
    const names = resourceNames(config.name);
    const isPrivate = config.api.endpoint === "private";
    const accessLog = new LogGroup(this, "AccessLog", {
      logGroupName: names.logGroup("api-access"),
      encryptionKey: key,
      retention: config.logRetentionInDays,
      removalPolicy: RemovalPolicy.DESTROY,
    });
    const policy = resourcePolicy(config.api, Stack.of(this).account, endpoint?.vpcEndpointId);

    this.api = new RestApi(this, "RestApi", {
      restApiName: names.api,
      description: `Leadgauge scoring API (${config.name})`,
      endpointConfiguration: {
        types: [isPrivate ? EndpointType.PRIVATE : EndpointType.REGIONAL],
        ...(endpoint && { vpcEndpoints: [endpoint] }),
      },
      ...(policy && { policy }),
      // An account has one for all of its APIs: the network stack sets it.
      cloudWatchRole: false,
      defaultMethodOptions: {
        authorizationType: AuthorizationType.IAM,
        apiKeyRequired: config.api.metersConsumers,
      },
      defaultIntegration: new LambdaIntegration(handler, { allowTestInvoke: false }),
      deployOptions: {
        stageName: config.name,
        throttlingRateLimit: config.api.requestsPerSecond,
        throttlingBurstLimit: config.api.burst,
        metricsEnabled: true,
        tracingEnabled: true,
        // Execution logs may carry bodies, and bodies carry leads.
        loggingLevel: MethodLoggingLevel.OFF,
        dataTraceEnabled: false,
        accessLogDestination: new LogGroupLogDestination(accessLog),
        accessLogFormat: AccessLogFormat.custom(JSON.stringify(accessLogFields)),
      },
    });
    // Every path goes to the function, whose 404 says what there is: of a path it does not know, the gateway would say that a token is missing.
    const { allowedOrigins } = config.api;
    for (const resource of [this.api.root, this.api.root.addResource("{proxy+}")]) {
      resource.addMethod("ANY");
      if (allowedOrigins.length > 0) resource.addMethod("OPTIONS", undefined, preflightOptions);
    }
    for (const [responseId, response] of Object.entries(problemResponses(allowedOrigins))) {
      this.api.addGatewayResponse(responseId, response);
    }

    new CfnOutput(this, "Url", { value: this.api.url });
  }
}

/** A browser asks without the signature and the key of the call that it asks about. The function answers it, and tells nothing but methods. */
const preflightOptions = { authorizationType: AuthorizationType.NONE, apiKeyRequired: false };

/** Who called what, when, and how it went; never a body. */
const accessLogFields = {
  requestId: "$context.requestId",
  requestTime: "$context.requestTime",
  method: "$context.httpMethod",
  path: "$context.path",
  status: "$context.status",
  responseType: "$context.error.responseType",
  responseLatencyInMs: "$context.responseLatency",
  integrationLatencyInMs: "$context.integrationLatency",
  responseBytes: "$context.responseLength",
  callerArn: "$context.identity.userArn",
};
