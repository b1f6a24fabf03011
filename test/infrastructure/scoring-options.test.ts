/** What a stage may choose of its API, its rollout, its capture and its alerts, in the templates that come of it. */
import { describe, expect, it } from "vitest";
import type { StageSettings } from "../../lib/config/stage-config.ts";
import { parseStageConfig } from "../../lib/config/stage-config.ts";
import { resourcesOf, synthesise } from "./synthesise.ts";

const partner = "arn:aws:iam::210987654321:role/marketing";
const build = (settings: Partial<StageSettings> = {}) =>
  synthesise({ name: "dev", account: "123456789012", region: "eu-central-1", ...settings });
const only = <Item>(items: readonly Item[]): Item => {
  expect(items).toHaveLength(1);
  return items[0] as Item;
};

describe("the API", () => {
  it("names each consumer in its resource policy, and nobody else", () => {
    const stacks = build({ api: { consumers: [{ name: "marketing-cloud", principalArns: [partner] }] } });
    const { Policy } = only(resourcesOf(stacks, "AWS::ApiGateway::RestApi")).Properties;
    expect(Policy.Statement).toEqual([
      {
        Sid: "ConsumerMarketingCloud",
        Effect: "Allow",
        Principal: { AWS: partner },
        Action: "execute-api:Invoke",
        Resource: "execute-api:/*",
      },
    ]);
    expect(resourcesOf(stacks, "AWS::ApiGateway::UsagePlan")).toEqual([]);
  });

  it("has no resource policy where no consumer is configured: this account's own policies decide", () => {
    expect(only(resourcesOf(build(), "AWS::ApiGateway::RestApi")).Properties.Policy).toBeUndefined();
  });

  it("counts calls by keys where it is metered, on top of IAM, and gives the canary a key of its own", () => {
    const stacks = build({
      api: {
        metersConsumers: true,
        consumers: [
          {
            name: "marketing",
            principalArns: [partner],
            plan: { requestsPerSecond: 5, burst: 10, requestsPerMonth: 100_000 },
          },
        ],
      },
    });
    for (const { Properties } of resourcesOf(stacks, "AWS::ApiGateway::Method")) {
      expect(Properties).toMatchObject({ AuthorizationType: "AWS_IAM", ApiKeyRequired: true });
    }
    const plans = resourcesOf(stacks, "AWS::ApiGateway::UsagePlan").map(({ Properties }) => Properties);
    expect(plans.map(({ UsagePlanName }) => UsagePlanName)).toEqual([
      "leadgauge-dev-consumer-marketing",
      "leadgauge-dev-canary",
    ]);
    expect(plans[0]).toMatchObject({
      Throttle: { RateLimit: 5, BurstLimit: 10 },
      Quota: { Limit: 100_000, Period: "MONTH" },
    });
    const canaryKey = resourcesOf(stacks, "AWS::ApiGateway::ApiKey").find(
      ({ Properties }) => Properties.Name === "leadgauge-dev-canary",
    );
    // No secret in the template: a reference that CloudFormation resolves.
    expect(JSON.stringify(canaryKey?.Properties.Value)).toContain("{{resolve:secretsmanager:");
    const canary = resourcesOf(stacks, "AWS::Lambda::Function").find(
      ({ Properties }) => Properties.FunctionName === "leadgauge-dev-canary",
    );
    expect(canary?.Properties.Environment.Variables.LEADGAUGE_API_KEY_SECRET).toBeDefined();
  });

  it("is reached only from its endpoints where it is private; the canary is inside then", () => {
    const stacks = build({
      network: { mode: "isolated" },
      api: { endpoint: "private", vpcEndpointIds: ["vpce-0123456789abcdef0"] },
    });
    const { EndpointConfiguration, Policy } = only(
      resourcesOf(stacks, "AWS::ApiGateway::RestApi"),
    ).Properties;
    expect(EndpointConfiguration.Types).toEqual(["PRIVATE"]);
    expect(EndpointConfiguration.VpcEndpointIds).toHaveLength(1);
    const deny = Policy.Statement.find(({ Effect }: { Effect: string }) => Effect === "Deny");
    expect(deny.Condition.StringNotEquals["aws:SourceVpce"]).toEqual([
      EndpointConfiguration.VpcEndpointIds[0],
      "vpce-0123456789abcdef0",
    ]);
    // In one account the API's policy or the caller's is enough: "*" would let in whoever is in the account.
    const allowed = Policy.Statement.filter(({ Effect }: { Effect: string }) => Effect === "Allow");
    expect(JSON.stringify(allowed)).toContain(":root");
    expect(JSON.stringify(allowed)).not.toContain('"*"');
    const services = resourcesOf(stacks, "AWS::EC2::VPCEndpoint").map(
      ({ Properties }) => Properties.ServiceName,
    );
    expect(JSON.stringify(services)).toContain("execute-api");
    const inside = resourcesOf(stacks, "AWS::Lambda::Function").filter(
      ({ Properties }) => Properties.VpcConfig,
    );
    expect(inside.map(({ Properties }) => Properties.FunctionName)).toContain("leadgauge-dev-canary");
  });

  describe("for browsers", () => {
    const origin = "https://app.example.com";
    const methodsOf = (stacks: ReturnType<typeof build>) =>
      resourcesOf(stacks, "AWS::ApiGateway::Method").map(({ Properties }) => Properties);
    const headersOf = (stacks: ReturnType<typeof build>) =>
      resourcesOf(stacks, "AWS::ApiGateway::GatewayResponse").map(
        ({ Properties }) =>
          Properties.ResponseParameters["gatewayresponse.header.Access-Control-Allow-Origin"],
      );

    it("answers a preflight on every path by the function, without signature and key; everything else stays signed", () => {
      const methods = methodsOf(build({ api: { allowedOrigins: [origin], metersConsumers: true } }));
      const preflights = methods.filter(({ HttpMethod }) => HttpMethod === "OPTIONS");
      const others = methods.filter(({ HttpMethod }) => HttpMethod !== "OPTIONS");
      expect(others).toHaveLength(2);
      for (const method of others) {
        expect(method).toMatchObject({
          HttpMethod: "ANY",
          AuthorizationType: "AWS_IAM",
          ApiKeyRequired: true,
        });
      }
      expect(preflights.map(({ ResourceId }) => ResourceId)).toEqual(
        others.map(({ ResourceId }) => ResourceId),
      );
      for (const [index, method] of preflights.entries()) {
        expect(method).toMatchObject({ AuthorizationType: "NONE", ApiKeyRequired: false });
        expect(method.Integration).toEqual(others[index]?.Integration);
      }
    });

    it("lets them read why the gateway refused", () => {
      const headers = (allowedOrigins: string[]) => new Set(headersOf(build({ api: { allowedOrigins } })));
      expect(headers([])).toEqual(new Set([undefined]));
      expect(headers([origin])).toEqual(new Set([`'${origin}'`]));
      expect(headers(["*"])).toEqual(new Set(["'*'"]));
      expect(headers([origin, "https://b.example.com"])).toEqual(new Set(["'*'"]));
    });

    it("opens a resource policy for preflights, and for nothing else", () => {
      const stacks = build({
        network: { mode: "isolated" },
        api: {
          endpoint: "private",
          allowedOrigins: [origin],
          consumers: [{ name: "crm", principalArns: [partner] }],
        },
      });
      const { Statement } = only(resourcesOf(stacks, "AWS::ApiGateway::RestApi")).Properties.Policy;
      const open = Statement.filter(
        ({ Effect, Principal }: { Effect: string; Principal: { AWS: unknown } }) =>
          Effect === "Allow" && Principal.AWS === "*",
      );
      expect(open).toEqual([
        {
          Sid: "Preflights",
          Effect: "Allow",
          Principal: { AWS: "*" },
          Action: "execute-api:Invoke",
          Resource: "execute-api:/*/OPTIONS/*",
        },
      ]);
      // Still from its endpoints only.
      expect(Statement.map(({ Sid }: { Sid: string }) => Sid)).toContain("FromEndpointsOnly");
    });

    it("has neither where no origin is configured", () => {
      expect(methodsOf(build()).map(({ HttpMethod }) => HttpMethod)).toEqual(["ANY", "ANY"]);
      const consumers = [{ name: "crm", principalArns: [partner] }];
      const { Policy } = only(
        resourcesOf(build({ api: { consumers } }), "AWS::ApiGateway::RestApi"),
      ).Properties;
      expect(JSON.stringify(Policy)).not.toContain("OPTIONS");
    });
  });

  it("may stand behind a firewall, which keeps no sample of what is sent", () => {
    const stacks = build({ api: { firewall: { requestsPerFiveMinutes: 1_000 } } });
    const { Rules } = only(resourcesOf(stacks, "AWS::WAFv2::WebACL")).Properties;
    expect(Rules).toHaveLength(3);
    expect(JSON.stringify(Rules)).not.toContain('"SampledRequestsEnabled":true');
    only(resourcesOf(stacks, "AWS::WAFv2::WebACLAssociation"));
    expect(resourcesOf(build(), "AWS::WAFv2::WebACL")).toEqual([]);
  });

  it("calls the function by its alias, never by a version", () => {
    for (const { Properties } of resourcesOf(build(), "AWS::ApiGateway::Method")) {
      expect(JSON.stringify(Properties.Integration.Uri)).toMatch(/FunctionLive/);
    }
  });
});

describe("settings that contradict each other are refused", () => {
  it.each<[string, Partial<StageSettings>, RegExp]>([
    [
      "a private API without a network",
      { network: { mode: "standard" }, api: { endpoint: "private" } },
      /api\.endpoint: may be private only where/,
    ],
    [
      "endpoints of a public API",
      { api: { vpcEndpointIds: ["vpce-0123456789abcdef0"] } },
      /api\.vpcEndpointIds/,
    ],
    [
      "plans that nobody counts",
      {
        api: {
          consumers: [{ name: "a", principalArns: [partner], plan: { requestsPerSecond: 1, burst: 1 } }],
        },
      },
      /api\.consumers/,
    ],
    [
      "two consumers of one name",
      {
        api: {
          consumers: [
            { name: "a", principalArns: [partner] },
            { name: "a", principalArns: [partner] },
          ],
        },
      },
      /api\.consumers/,
    ],
    [
      "everybody as a consumer",
      { api: { consumers: [{ name: "a", principalArns: ["*"] }] } },
      /api\.consumers\.0\.principalArns\.0: must be the ARN/,
    ],
    ["an origin with a path", { api: { allowedOrigins: ["https://a.example/x"] } }, /api\.allowedOrigins\.0/],
    [
      "an alarm to no address",
      { alerts: { emails: ["nobody"] } },
      /alerts\.emails\.0: must be a mail address/,
    ],
    ["a secret by its name", { alerts: { webhookSecretArn: "webhook" } }, /alerts\.webhookSecretArn/],
    ["a buffer that Firehose does not take", { capture: { bufferInSeconds: 5 } }, /capture\.bufferInSeconds/],
  ])("%s", (_name, settings, message) => {
    expect(() => parseStageConfig({ name: "dev", ...settings })).toThrow(message);
  });
});

describe("the rollout of code", () => {
  it.each([
    ["canary", "LambdaCanary10Percent5Minutes"],
    ["linear", "LambdaLinear10PercentEvery1Minute"],
  ] as const)(
    "%s: CodeDeploy moves the alias, and back on alarms of the alias and of its new version",
    (rollout, name) => {
      const stacks = build({ scoring: { rollout } });
      const group = only(resourcesOf(stacks, "AWS::CodeDeploy::DeploymentGroup")).Properties;
      expect(JSON.stringify(group.DeploymentConfigName)).toContain(name);
      expect(group.AutoRollbackConfiguration).toEqual({
        Enabled: true,
        Events: ["DEPLOYMENT_FAILURE", "DEPLOYMENT_STOP_ON_REQUEST", "DEPLOYMENT_STOP_ON_ALARM"],
      });
      expect(group.AlarmConfiguration.Alarms).toHaveLength(2);
      const dimensions = resourcesOf(stacks, "AWS::CloudWatch::Alarm")
        .filter(({ Properties }) => /api-(new-version-)?errors$/.test(Properties.AlarmName))
        .map(({ Properties }) => Properties.Dimensions.map(({ Name }: { Name: string }) => Name).sort());
      expect(dimensions).toEqual([
        ["FunctionName", "Resource"],
        ["ExecutedVersion", "FunctionName", "Resource"],
      ]);
      const alias = only(resourcesOf(stacks, "AWS::Lambda::Alias"));
      expect(JSON.stringify(alias)).toContain("CodeDeployLambdaAliasUpdate");
      // CDK would attach a managed policy to the role.
      const roles = resourcesOf(stacks, "AWS::IAM::Role").filter(({ Properties }) =>
        JSON.stringify(Properties.AssumeRolePolicyDocument).includes("codedeploy"),
      );
      expect(only(roles).Properties.ManagedPolicyArns).toBeUndefined();
    },
  );

  it("all-at-once: without CodeDeploy", () => {
    expect(
      resourcesOf(build({ scoring: { rollout: "all-at-once" } }), "AWS::CodeDeploy::DeploymentGroup"),
    ).toEqual([]);
  });
});

describe("the signing keys of models", () => {
  const trustedManifestKeys = [
    Buffer.alloc(91, 1).toString("base64"),
    Buffer.alloc(91, 2).toString("base64"),
  ];
  const keysOf = (dataLake: StageSettings["dataLake"]) =>
    build({ dataLake })
      .filter(({ purpose }) => ["scoring", "batch"].includes(purpose))
      .flatMap((stack) => resourcesOf([stack], "AWS::Lambda::Function"))
      .flatMap(({ Properties }) => Properties.Environment?.Variables?.LEADGAUGE_MANIFEST_PUBLIC_KEYS ?? []);

  it("are the stage's own, imported, and those it trusts besides", () => {
    const keys = keysOf({ trustedManifestKeys });
    expect(keys.length).toBeGreaterThan(3);
    for (const each of keys) {
      expect(JSON.stringify(each)).toContain("Fn::ImportValue");
      expect(JSON.stringify(each)).toContain(trustedManifestKeys.join(","));
    }
  });

  it("are the others alone where the own one is trusted no more: nothing imports it", () => {
    const keys = keysOf({ trustedManifestKeys, trustsOwnSigningKey: false });
    expect(keys.length).toBeGreaterThan(3);
    expect(new Set(keys)).toEqual(new Set([trustedManifestKeys.join(",")]));
  });

  it("that are not trusted are not in the command that registers a model", () => {
    const commandOf = (dataLake: StageSettings["dataLake"]) => {
      const lake = build({ dataLake }).find(({ purpose }) => purpose === "data-lake");
      return JSON.stringify(lake?.template.Outputs?.NextCommand?.Value);
    };
    expect(commandOf({ trustedManifestKeys })).toContain("--signing-key alias/leadgauge-dev-manifests");
    expect(commandOf({ trustedManifestKeys, trustsOwnSigningKey: false })).toContain("--signing-key KEY");
  });
});

describe("capture", () => {
  it("writes Parquet by the hour, without dynamic partitioning, by the table of the catalog", () => {
    const { ExtendedS3DestinationConfiguration: target } = only(
      resourcesOf(build(), "AWS::KinesisFirehose::DeliveryStream"),
    ).Properties;
    expect(target.Prefix).toBe("predictions/delivered_hour=!{timestamp:yyyy-MM-dd-HH}/");
    expect(target.DynamicPartitioningConfiguration).toBeUndefined();
    expect(target.BufferingHints.SizeInMBs).toBeGreaterThanOrEqual(64);
    expect(target.DataFormatConversionConfiguration).toMatchObject({
      Enabled: true,
      SchemaConfiguration: { DatabaseName: "leadgauge_dev", TableName: "predictions" },
    });
  });

  it("encrypts its queues, takes nothing but TLS, and drains message by message", () => {
    const queues = resourcesOf(build(), "AWS::SQS::Queue").filter(({ stack }) => stack === "scoring");
    expect(queues.length).toBe(2);
    for (const { Properties } of queues) expect(Properties.KmsMasterKeyId).toBeDefined();
    const mapping = resourcesOf(build(), "AWS::Lambda::EventSourceMapping").find(
      ({ stack }) => stack === "scoring",
    );
    expect(mapping?.Properties.FunctionResponseTypes).toEqual(["ReportBatchItemFailures"]);
  });

  it("leaves nothing behind where it is turned off", () => {
    const stacks = build({ capture: { isEnabled: false } });
    expect(resourcesOf(stacks, "AWS::KinesisFirehose::DeliveryStream")).toEqual([]);
    const api = resourcesOf(stacks, "AWS::Lambda::Function").find(
      ({ Properties }) => Properties.FunctionName === "leadgauge-dev-api",
    );
    expect(Object.keys(api?.Properties.Environment.Variables)).not.toContain("LEADGAUGE_PREDICTIONS_STREAM");
  });
});

describe("the guard of promotions", () => {
  const statementsOf = (stacks: ReturnType<typeof build>) =>
    resourcesOf(stacks, "AWS::IAM::Role")
      .filter(({ Properties }) => String(JSON.stringify(Properties.RoleName)).includes("promotion-guard"))
      .flatMap(({ Properties }) => Properties.Policies[0].PolicyDocument.Statement);

  it("may change stages.json only where it shall revert, and then nothing else", () => {
    const writes = (stacks: ReturnType<typeof build>) =>
      statementsOf(stacks).filter(({ Action }) => JSON.stringify(Action).includes("s3:PutObject"));
    expect(writes(build())).toEqual([]);
    const reverting = build({ scoring: { promotionGuard: { revertsBadPromotion: true } } });
    expect(JSON.stringify(only(writes(reverting)).Resource)).toContain("/model-artifacts/*/stages.json");
  });
});

describe("alerts", () => {
  const secretArn = "arn:aws:secretsmanager:eu-central-1:123456789012:secret:chat-AbCdEf";

  it("go to people and to a webhook, which reads its secret and is outside of the network", () => {
    const stacks = build({
      network: { mode: "isolated" },
      alerts: { emails: ["oncall@example.com"], webhookSecretArn: secretArn },
    });
    const protocols = resourcesOf(stacks, "AWS::SNS::Subscription").map(
      ({ Properties }) => Properties.Protocol,
    );
    expect(protocols.sort()).toEqual(["email", "lambda"]);
    const webhook = resourcesOf(stacks, "AWS::Lambda::Function").find(
      ({ Properties }) => Properties.FunctionName === "leadgauge-dev-alert-webhook",
    );
    expect(webhook?.Properties.VpcConfig).toBeUndefined();
    expect(JSON.stringify(webhook?.Properties.Environment)).toContain(secretArn);
  });

  it("are published by alarms of this account only, encrypted", () => {
    const stacks = build();
    expect(only(resourcesOf(stacks, "AWS::SNS::Topic")).Properties.KmsMasterKeyId).toBeDefined();
    const { PolicyDocument } = only(resourcesOf(stacks, "AWS::SNS::TopicPolicy")).Properties;
    const publish = PolicyDocument.Statement.find(({ Sid }: { Sid: string }) => Sid === "AlarmsPublish");
    expect(publish.Condition).toEqual({ StringEquals: { "aws:SourceAccount": "123456789012" } });
  });
});
