import { Stack } from "aws-cdk-lib";
import {
  GatewayVpcEndpoint,
  GatewayVpcEndpointAwsService,
  type IInterfaceVpcEndpoint,
  InterfaceVpcEndpoint,
  type IVpc,
  Peer,
  Port,
  SecurityGroup,
  type SubnetSelection,
  SubnetType,
} from "aws-cdk-lib/aws-ec2";
import { Construct } from "constructs";
import { resourceNames } from "../config/names.ts";
import type { StageConfig } from "../config/stage-config.ts";
import type { DataLake } from "../constructs/data-lake.ts";
import type { FunctionNetwork } from "../constructs/leadgauge-function.ts";
import { assetStatement, endpointStatements } from "./endpoint-policy.ts";
import { type EndpointRow, endpointTable } from "./endpoint-table.ts";
import { interfaceServices } from "./interface-services.ts";

export interface EndpointsProps {
  readonly config: StageConfig;
  readonly dataLake: DataLake;
  readonly vpc: IVpc;
  /** What the rules of security groups know the addresses of S3 by. */
  readonly s3PrefixListId: string;
}

const subnets: SubnetSelection = { subnetType: SubnetType.PRIVATE_ISOLATED };

/** The only ways out of the isolated network: an endpoint for each service of the table, and the rules that lead to it. */
export class Endpoints extends Construct {
  readonly ofFunctions: FunctionNetwork;
  /** Where a private API is reached from inside; undefined unless the table has a caller of it. */
  readonly ofApi: IInterfaceVpcEndpoint | undefined;
  readonly #functions: SecurityGroup;
  readonly #endpoints: SecurityGroup;

  constructor(scope: Construct, id: string, props: EndpointsProps) {
    super(scope, id);
    const { config, dataLake, vpc } = props;
    const existing = config.network.existing?.endpoints ?? {};
    this.#functions = this.#securityGroup("Functions", vpc, "Leadgauge: functions");
    this.#endpoints = this.#securityGroup("Interfaces", vpc, "Leadgauge: endpoints of AWS services");
    this.ofFunctions = { vpc, subnets, securityGroup: this.#functions };

    const { partition, region, account } = Stack.of(this);
    const table = endpointTable({
      config,
      names: resourceNames(config.name),
      bucketArn: dataLake.bucket.bucketArn,
      arn: (service, resource) => `arn:${partition}:${service}:${region}:${account}:${resource}`,
    });
    for (const row of table) {
      if (row.service === "s3") {
        if (!existing.s3) this.#gateway(config, vpc, row);
      } else {
        const { service } = row;
        const existingId = existing[interfaceServices[service].shortName];
        const endpoint =
          existingId === undefined
            ? this.#interface(config, vpc, row, service)
            : InterfaceVpcEndpoint.fromInterfaceVpcEndpointAttributes(this, service, {
                vpcEndpointId: existingId,
                port: 443,
              });
        if (service === "execute-api") this.ofApi = endpoint;
      }
    }
    this.#functions.addEgressRule(Peer.prefixList(props.s3PrefixListId), Port.HTTPS, "to S3");
    this.#functions.addEgressRule(this.#endpoints, Port.HTTPS, "to endpoints of AWS services");
    this.#endpoints.addIngressRule(this.#functions, Port.HTTPS, "from functions");
    if (Object.keys(existing).some((name) => name !== "s3")) {
      this.#functions.addEgressRule(Peer.ipv4(vpc.vpcCidrBlock), Port.HTTPS, "to endpoints that exist");
    }
  }

  #securityGroup(id: string, vpc: IVpc, description: string): SecurityGroup {
    return new SecurityGroup(this, `${id}SecurityGroup`, { vpc, description, allowAllOutbound: false });
  }

  #gateway(config: StageConfig, vpc: IVpc, row: EndpointRow): void {
    const endpoint = new GatewayVpcEndpoint(this, "S3", {
      vpc,
      service: GatewayVpcEndpointAwsService.S3,
      subnets: [subnets],
    });
    for (const statement of [...endpointStatements(this, config, row), assetStatement(this, config)]) {
      endpoint.addToPolicy(statement);
    }
  }

  #interface(
    config: StageConfig,
    vpc: IVpc,
    row: EndpointRow,
    service: keyof typeof interfaceServices,
  ): IInterfaceVpcEndpoint {
    const endpoint = new InterfaceVpcEndpoint(this, service, {
      vpc,
      service: interfaceServices[service],
      subnets,
      securityGroups: [this.#endpoints],
      privateDnsEnabled: true,
      open: false,
    });
    for (const statement of endpointStatements(this, config, row)) endpoint.addToPolicy(statement);
    return endpoint;
  }
}
