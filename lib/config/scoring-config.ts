import { z } from "zod";

/** The API in front of the scoring function. */
export const apiConfigSchema = z.strictObject({
  /** Of all callers together; more are answered 429. */
  requestsPerSecond: z.int().min(1).max(10_000).default(500),
  /** Requests above that rate that are still let through at once. */
  burst: z.int().min(1).max(5_000).default(1_000),
  /** API Gateway writes access logs with a role that is one per account and region: true makes this stage set it. */
  setsLogRoleOfAccount: z.boolean().default(true),
});

/** The scoring function. */
export const scoringConfigSchema = z.strictObject({
  /** Lambda gives CPU by memory: 1,769 MB are one core. */
  memoryInMegabytes: z.int().min(256).max(10_240).default(1_769),
  timeoutInSeconds: z.int().min(1).max(29).default(10),
});
