import { ApiKey, Period, type RestApi } from "aws-cdk-lib/aws-apigateway";
import type { IKey } from "aws-cdk-lib/aws-kms";
import { Secret } from "aws-cdk-lib/aws-secretsmanager";
import { Construct } from "constructs";
import { resourceNames } from "../config/names.ts";
import type { StageConfig } from "../config/stage-config.ts";

export interface ApiMeteringProps {
  readonly config: StageConfig;
  readonly key: IKey;
  readonly api: RestApi;
}

/** A key and a usage plan for each consumer: calls are counted by them, and limited. Who somebody is, the signature tells, not the key. */
export class ApiMetering extends Construct {
  /** Holds the key of the canary. */
  readonly canarySecret: Secret;

  constructor(scope: Construct, id: string, { config, key, api }: ApiMeteringProps) {
    super(scope, id);
    const names = resourceNames(config.name);
    const { consumers, requestsPerSecond, burst } = config.api;
    for (const { name, plan } of consumers) {
      this.#plan(
        name,
        api,
        names.resource(`consumer-${name}`),
        new ApiKey(this, `Key-${name}`, {
          apiKeyName: names.resource(`consumer-${name}`),
        }),
        {
          rateLimit: plan?.requestsPerSecond ?? requestsPerSecond,
          burstLimit: plan?.burst ?? burst,
        },
        plan?.requestsPerMonth,
      );
    }
    this.canarySecret = new Secret(this, "CanaryKeySecret", {
      description: "Leadgauge: the API key that the canary calls with",
      encryptionKey: key,
      generateSecretString: { passwordLength: 40, excludePunctuation: true },
    });
    const canaryKey = new ApiKey(this, "Key-canary", {
      apiKeyName: names.resource("canary"),
      value: this.canarySecret.secretValue.unsafeUnwrap(),
    });
    this.#plan("canary", api, names.resource("canary"), canaryKey, { rateLimit: 10, burstLimit: 20 });
  }

  #plan(
    name: string,
    api: RestApi,
    planName: string,
    key: ApiKey,
    throttle: { rateLimit: number; burstLimit: number },
    requestsPerMonth?: number,
  ): void {
    const plan = api.addUsagePlan(`Plan-${name}`, {
      name: planName,
      throttle,
      apiStages: [{ stage: api.deploymentStage }],
      ...(requestsPerMonth !== undefined && { quota: { limit: requestsPerMonth, period: Period.MONTH } }),
    });
    plan.addApiKey(key);
  }
}
