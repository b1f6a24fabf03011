import { z } from "zod";
import { alertsConfigSchema } from "./alerts-config.ts";
import { batchConfigSchema } from "./batch-config.ts";
import { captureConfigSchema } from "./capture-config.ts";
import { dataLakeConfigSchema } from "./data-lake-config.ts";
import { guardrailsConfigSchema } from "./guardrails-config.ts";
import { LONGEST_PURPOSE } from "./names.ts";
import { networkConfigSchema, SUBNET_BITS } from "./network-config.ts";
import { apiConfigSchema, scoringConfigSchema } from "./scoring-config.ts";
import { accountId, freeAddresses, logRetention, region } from "./values.ts";
import { warehouseConfigSchema } from "./warehouse-config.ts";

/** IAM's limit, less what every role's name holds: "leadgauge-", two hyphens, a purpose and a region. */
const NAME_BUDGET = 64 - "leadgauge-".length - 2 - LONGEST_PURPOSE - "ap-southeast-1".length;

/** Network interfaces of functions and endpoints in a zone, beside those of the warehouse. */
const OTHER_INTERFACES = 32;

/** Everything in which one deployment of Leadgauge may differ from another. The defaults are those of a production stage. */
export const stageConfigSchema = z
  .strictObject({
    /** Part of the name of every stack and of most resources. Required. */
    name: z
      .string()
      .regex(/^[a-z][a-z0-9-]*$/, "must be a lower-case letter, then letters, digits or hyphens"),
    /** The account to deploy to. Default: that of the credentials in use at the time of deployment. */
    account: accountId.optional(),
    /** The region to deploy to. Default: that of the environment at the time of deployment. */
    region: region.optional(),
    /** `emulator` leaves out the resource types that the emulator of AWS used in tests lacks. Default: `aws`. */
    target: z.enum(["aws", "emulator"]).default("aws"),
    /** True: what holds data outlives its stack, and the stacks that hold it are protected against deletion. Default: true. */
    retainsData: z.boolean().default(true),
    /** Days for which the functions' logs are kept. Default: 365. */
    logRetentionInDays: logRetention.default(365),
    /** What an organisation demands of everything in its accounts. Default: the defaults of guardrails-config.ts. */
    guardrails: guardrailsConfigSchema.prefault({}),
    /** Where functions run, and in which network. Default: the defaults of network-config.ts. */
    network: networkConfigSchema.prefault({}),
    /** Capacity of the warehouse. Default: the defaults of warehouse-config.ts. */
    warehouse: warehouseConfigSchema.prefault({}),
    /** The bucket, its keys and who may publish models. Default: the defaults of data-lake-config.ts. */
    dataLake: dataLakeConfigSchema.prefault({}),
    /** The API in front of the scoring function. Default: the defaults of scoring-config.ts. */
    api: apiConfigSchema.prefault({}),
    /** The scoring function. Default: the defaults of scoring-config.ts. */
    scoring: scoringConfigSchema.prefault({}),
    /** Predictions that are kept beside the answers. Default: the defaults of capture-config.ts. */
    capture: captureConfigSchema.prefault({}),
    /** Scoring of files that are dropped into the bucket. Default: the defaults of batch-config.ts. */
    batch: batchConfigSchema.prefault({}),
    /** Who is told when an alarm goes off. Default: the defaults of alerts-config.ts. */
    alerts: alertsConfigSchema.prefault({}),
  })
  .refine((config) => config.name.length + config.guardrails.rolePrefix.length <= NAME_BUDGET, {
    error: `and guardrails.rolePrefix may have ${NAME_BUDGET} characters together: a role's name has at most 64`,
    path: ["name"],
  })
  .refine(({ network, region: ofStage }) => zonesAreIn(ofStage, network), {
    error: "must be zones of the stage's region",
    path: ["network", "zones"],
  })
  .refine(
    ({ network, warehouse }) =>
      network.existing !== undefined ||
      freeAddresses(network.cidr, SUBNET_BITS) >= warehouse.maximumCapacityInRpu + OTHER_INTERFACES,
    {
      // With enhanced routing its nodes take addresses of the subnets: one for each RPU is enough.
      error: `must leave a free address in each of its four parts for every RPU of warehouse.maximumCapacityInRpu, and ${OTHER_INTERFACES} for functions and endpoints`,
      path: ["network", "cidr"],
    },
  )
  .refine(({ api, network }) => api.endpoint === "regional" || network.mode === "isolated", {
    error:
      "may be private only where network.mode is isolated: there is no endpoint to reach it by otherwise",
    path: ["api", "endpoint"],
  });

function zonesAreIn(
  ofStage: string | undefined,
  { zones, existing }: z.output<typeof networkConfigSchema>,
): boolean {
  const all = existing ? existing.subnets.map(({ zone }) => zone) : (zones ?? []);
  return ofStage === undefined || all.every((zone) => zone.slice(0, -1) === ofStage);
}

/** A stage as it is written down: what has a default may be left out. */
export type StageSettings = z.input<typeof stageConfigSchema>;

/** A stage with every setting in its place. */
export type StageConfig = Readonly<z.output<typeof stageConfigSchema>>;

/** Throws an error whose message names every wrong setting by its path, and what is allowed. */
export function parseStageConfig(value: unknown): StageConfig {
  const result = stageConfigSchema.safeParse(value);
  if (result.success) return result.data;
  const problems = result.error.issues.map(
    (issue) => `  ${issue.path.join(".") || "(all)"}: ${issue.message}`,
  );
  throw new Error(`The configuration of a stage is wrong:\n${problems.join("\n")}`);
}
