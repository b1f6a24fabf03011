import { z } from "zod";

/** Days that CloudWatch Logs accepts as a retention (a part of them: enough to choose from). */
const logRetentionInDays = z.union([7, 14, 30, 90, 180, 365, 731].map((days) => z.literal(days)));

/** Everything in which one deployment of Leadgauge may differ from another. */
const stageConfigSchema = z.strictObject({
  /** Part of every stack's name. */
  name: z
    .string()
    .regex(/^[a-z][a-z0-9-]{0,19}$/, "a lower-case letter, then up to 19 letters, digits or hyphens"),
  /** Where to deploy; undefined leaves it to the credentials in use at the time of deployment. */
  account: z
    .string()
    .regex(/^\d{12}$/, "12 digits")
    .optional(),
  region: z
    .string()
    .regex(/^[a-z]{2}(-[a-z]+)+-\d$/, "a region such as eu-central-1")
    .optional(),
  /** True: buckets, keys and logs outlive their stack, and the stack of the data is protected against deletion. */
  retainsData: z.boolean(),
  logRetentionInDays,
  api: z.strictObject({
    /** Of all callers together; more are answered 429. */
    requestsPerSecond: z.int().min(1).max(10_000),
    /** Requests above that rate that are still let through at once. */
    burst: z.int().min(1).max(5_000),
    /** API Gateway writes access logs with a role that is one per account and region: true makes this stage set it. */
    setsLogRoleOfAccount: z.boolean(),
  }),
  scoring: z.strictObject({
    /** Lambda gives CPU by memory: 1,769 MB are one core. */
    memoryInMegabytes: z.int().min(256).max(10_240),
    timeoutInSeconds: z.int().min(1).max(29),
  }),
});

export type StageConfig = Readonly<z.infer<typeof stageConfigSchema>>;

/** Throws an error whose message names every wrong setting. */
export function parseStageConfig(value: unknown): StageConfig {
  const result = stageConfigSchema.safeParse(value);
  if (result.success) return result.data;
  const problems = result.error.issues.map(
    (issue) => `  ${issue.path.join(".") || "(all)"}: ${issue.message}`,
  );
  throw new Error(`The configuration of a stage is wrong:\n${problems.join("\n")}`);
}
