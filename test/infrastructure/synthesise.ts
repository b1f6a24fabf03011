/** Stages synthesised in this process, with the feature flags of cdk.json and without bundling. */
import { readFileSync } from "node:fs";
import { App } from "aws-cdk-lib";
import { parseStageConfig, type StageConfig, type StageSettings } from "../../lib/config/stage-config.ts";
import { stageConfig, stageNames } from "../../lib/config/stages.ts";
import { LeadgaugeStage } from "../../lib/stages/leadgauge-stage.ts";

export interface Resource {
  readonly Type: string;
  // biome-ignore lint/suspicious/noExplicitAny: properties differ by type.
  readonly Properties: any;
  readonly DeletionPolicy?: string;
  readonly UpdateReplacePolicy?: string;
  readonly DependsOn?: string | readonly string[];
  readonly Metadata?: Readonly<Record<string, unknown>>;
}

export interface Template {
  readonly Description?: string;
  readonly Resources: Readonly<Record<string, Resource>>;
  readonly Outputs?: Readonly<
    Record<string, { readonly Value: unknown; readonly Export?: { readonly Name: unknown } }>
  >;
}

export interface SynthesisedStack {
  readonly name: string;
  /** Last part of the name: `data-lake`. */
  readonly purpose: string;
  readonly template: Template;
  readonly terminationProtection: boolean;
  readonly dependencies: readonly string[];
}

/** A stage with every option: the most that can be deployed, and that anybody may do. */
export const everythingSwitchedOn: StageSettings & { readonly name: string } = {
  name: "full",
  network: { mode: "isolated" },
  api: {
    endpoint: "private",
    vpcEndpointIds: ["vpce-0123456789abcdef0"],
    metersConsumers: true,
    consumers: [
      {
        name: "crm",
        principalArns: ["arn:aws:iam::210987654321:root"],
        plan: { requestsPerSecond: 10, burst: 20, requestsPerMonth: 100_000 },
      },
    ],
    allowedOrigins: ["https://app.example.com"],
    firewall: { requestsPerFiveMinutes: 10_000 },
  },
  scoring: { promotionGuard: { revertsBadPromotion: true } },
  alerts: {
    emails: ["on-call@example.com"],
    webhookSecretArn: "arn:aws:secretsmanager:eu-central-1:123456789012:secret:webhook-AbCdEf",
    slack: { workspaceId: "T0123ABCD", channelId: "C0123ABCD" },
    teams: {
      tenantId: "11111111-2222-3333-4444-555555555555",
      teamId: "66666666-7777-8888-9999-000000000000",
      channelId: "19%3Aab12-cd%40thread.tacv2",
    },
  },
};

const context: Record<string, unknown> = JSON.parse(
  readFileSync(new URL("../../cdk.json", import.meta.url), "utf8"),
).context;

export function newApp(): App {
  return new App({ context: { ...context, "aws:cdk:bundling-stacks": [] } });
}

/** Whose templates are checked. */
export const checkedStages: readonly string[] = [...stageNames, everythingSwitchedOn.name];

const place = { account: "123456789012", region: "eu-central-1" };

/** Of a stage that is checked. */
export function configOf(stage: string): StageConfig {
  return stage === everythingSwitchedOn.name
    ? parseStageConfig({ ...everythingSwitchedOn, ...place })
    : stageConfig(stage, place);
}

/** A stage that is checked, by its name, or one of other settings. */
export function synthesise(stage: string | StageSettings): readonly SynthesisedStack[] {
  const config = typeof stage === "string" ? configOf(stage) : parseStageConfig(stage);
  const app = newApp();
  new LeadgaugeStage(app, config);
  return app.synth().stacks.map((stack) => ({
    name: stack.stackName,
    purpose: stack.stackName.slice(`leadgauge-${config.name}-`.length),
    template: stack.template,
    terminationProtection: stack.terminationProtection ?? false,
    dependencies: stack.dependencies.map(({ id }) => id),
  }));
}

const known = new Map<string, readonly SynthesisedStack[]>();

/** Stages that are checked, each synthesised once a process. */
export function stacksOf(stage: string): readonly SynthesisedStack[] {
  const found = known.get(stage) ?? synthesise(stage);
  known.set(stage, found);
  return found;
}

export function allStacks(): readonly SynthesisedStack[] {
  return checkedStages.flatMap((name) => stacksOf(name));
}

export function resourcesOf(
  stacks: readonly SynthesisedStack[],
  type: string,
): readonly (Resource & { readonly stack: string; readonly logicalId: string })[] {
  return stacks.flatMap(({ purpose, template }) =>
    Object.entries(template.Resources)
      .filter(([, resource]) => resource.Type === type)
      .map(([logicalId, resource]) => ({ ...resource, stack: purpose, logicalId })),
  );
}
