import type { IInterfaceVpcEndpoint } from "aws-cdk-lib/aws-ec2";
import type { Construct } from "constructs";
import type { StageConfig } from "../config/stage-config.ts";
import type { DataLake } from "../constructs/data-lake.ts";
import { GatewayLogRole } from "../constructs/gateway-log-role.ts";
import type { FunctionNetwork } from "../constructs/leadgauge-function.ts";
import { createVpc } from "../network/create-vpc.ts";
import { Endpoints } from "../network/endpoints.ts";
import { importVpc } from "../network/import-vpc.ts";
import { NetworkSetup } from "../network/network-setup.ts";
import { LeadgaugeStack } from "./leadgauge-stack.ts";

export interface NetworkStackProps {
  readonly config: StageConfig;
  readonly dataLake: DataLake;
}

/** The VPC, its endpoints, all security groups with all of their rules, and what an account has once for all of its APIs. */
export class NetworkStack extends LeadgaugeStack {
  /** Where functions run; undefined in `standard` mode: outside. */
  readonly ofFunctions: FunctionNetwork | undefined;
  /** Where a private API is reached from inside the network. */
  readonly apiEndpoint: IInterfaceVpcEndpoint | undefined;

  constructor(scope: Construct, { config, dataLake }: NetworkStackProps) {
    super(scope, { config, purpose: "network", description: "network", isLongLived: true });
    const { existing } = config.network;
    const vpc = existing ? importVpc(this, existing) : createVpc(this, config, dataLake.key);
    if (config.api.setsLogRoleOfAccount) new GatewayLogRole(this, "GatewayLogs", config);
    const platform = { config, key: dataLake.key, network: undefined };
    const { s3PrefixListId } = new NetworkSetup(this, "Setup", { platform, vpc });
    if (config.network.mode === "isolated") {
      const endpoints = new Endpoints(this, "Endpoints", { config, dataLake, vpc, s3PrefixListId });
      this.ofFunctions = endpoints.ofFunctions;
      this.apiEndpoint = endpoints.ofApi;
    }
  }
}
