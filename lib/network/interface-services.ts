import { InterfaceVpcEndpointAwsService } from "aws-cdk-lib/aws-ec2";
import type { EndpointService } from "./endpoint-table.ts";

/** The endpoint of each service: its name is not always the one that IAM knows the service by, and differs in China. */
export const interfaceServices: Readonly<
  Record<Exclude<EndpointService, "s3">, InterfaceVpcEndpointAwsService>
> = {
  cloudwatch: InterfaceVpcEndpointAwsService.CLOUDWATCH_MONITORING,
  secretsmanager: InterfaceVpcEndpointAwsService.SECRETS_MANAGER,
  firehose: InterfaceVpcEndpointAwsService.KINESIS_FIREHOSE,
  sqs: InterfaceVpcEndpointAwsService.SQS,
  "execute-api": InterfaceVpcEndpointAwsService.APIGATEWAY,
};
