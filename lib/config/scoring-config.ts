import { z } from "zod";
import { principalArn } from "./values.ts";

const vpcEndpointId = z
  .string()
  .regex(/^vpce-[0-9a-f]{8,17}$/, "must be the id of an endpoint, such as vpce-0123456789abcdef0");

/** Somebody who may call the API beside this account's own roles. */
const consumerSchema = z.strictObject({
  /** In names of usage plans and keys. Required. */
  name: z
    .string()
    .regex(/^[a-z][a-z0-9-]{0,31}$/, "must be a lower-case letter, then letters, digits or hyphens"),
  /** Accounts, roles or users, of any account. They need `execute-api:Invoke` in a policy of their own as well. Required. */
  principalArns: z.array(principalArn).min(1).max(50),
  /** Sets a rate and a quota of this consumer's own; only where `metersConsumers` is true. Default: those of the API. */
  plan: z
    .strictObject({
      /** More are answered 429. Required in a plan. */
      requestsPerSecond: z.number().positive().max(10_000),
      /** Requests above that rate that are still let through at once. Required in a plan. */
      burst: z.int().min(1).max(5_000),
      /** More are answered 429 until the next month. Default: no quota. */
      requestsPerMonth: z.int().min(1).optional(),
    })
    .optional(),
});

/** The API in front of the scoring function. */
export const apiConfigSchema = z
  .strictObject({
    /** `private`: reached only through VPC endpoints: this stage's own (network mode `isolated`) and those listed below. Default: `regional`. */
    endpoint: z.enum(["regional", "private"]).default("regional"),
    /** Endpoints for execute-api in other VPCs, from which a private API may be called. Default: none. */
    vpcEndpointIds: z.array(vpcEndpointId).max(20).default([]),
    /** Of all callers together; more are answered 429. Default: 500. */
    requestsPerSecond: z.int().min(1).max(10_000).default(500),
    /** Requests above that rate that are still let through at once. Default: 1,000. */
    burst: z.int().min(1).max(5_000).default(1_000),
    /** Who may call from elsewhere, each by name in the API's resource policy. Default: roles of this account that are allowed to. */
    consumers: z.array(consumerSchema).max(50).default([]),
    /** True: every call carries an API key, one a consumer, which is counted; it comes on top of the signature and does not replace it. Default: false. */
    metersConsumers: z.boolean().default(false),
    /** Web origins that may call from a browser. Default: none. With one, `OPTIONS` (preflight) is answered without a signature or a key. */
    allowedOrigins: z
      .array(
        z
          .string()
          .regex(/^(\*|https?:\/\/[^/,\s]+)$/, "must be * or an origin such as https://app.example.com"),
      )
      .max(20)
      .default([]),
    /** A web application firewall: AWS's common rules, and a limit of requests from one address in five minutes. Default: none. */
    firewall: z
      .strictObject({
        /** More from one address are refused with 403. Required in a firewall. */
        requestsPerFiveMinutes: z.int().min(100).max(2_000_000_000),
      })
      .optional(),
    /** API Gateway writes access logs with a role that is one per account and region: true makes this stage set it. Default: true. */
    setsLogRoleOfAccount: z.boolean().default(true),
  })
  .refine(({ endpoint, vpcEndpointIds }) => endpoint === "private" || vpcEndpointIds.length === 0, {
    error: "may be given for a private API only (endpoint: private)",
    path: ["vpcEndpointIds"],
  })
  .refine(
    ({ consumers, metersConsumers }) => metersConsumers || consumers.every(({ plan }) => plan === undefined),
    {
      error: "may have a plan only where metersConsumers is true",
      path: ["consumers"],
    },
  )
  .refine(({ consumers }) => new Set(consumers.map(({ name }) => name)).size === consumers.length, {
    error: "must have names that differ from each other",
    path: ["consumers"],
  });

/** The scoring function. */
export const scoringConfigSchema = z.strictObject({
  /** Lambda gives CPU by memory: 1,769 MB are one core. `scripts/power-tuning.mjs` measures it in an account. Default: 1,769. */
  memoryInMegabytes: z.int().min(256).max(10_240).default(1_769),
  /** A request that takes longer fails; API Gateway itself waits 29 seconds. Default: 10. */
  timeoutInSeconds: z.int().min(1).max(29).default(10),
  /**
   * How a new version of the code takes over: `canary`: a tenth of the calls for five minutes, then all; `linear`: a tenth more every minute;
   * `all-at-once`: without a trial. During a trial, errors of the alias or of the new version bring the old one back. Default: `canary`.
   */
  rollout: z.enum(["canary", "linear", "all-at-once"]).default("canary"),
  /** How often the canary asks the API about golden rows. Default: 5. */
  canaryEveryMinutes: z.int().min(1).max(60).default(5),
  /** What is compared before and after a model's promotion. Default: the defaults below. */
  promotionGuard: z
    .strictObject({
      /** True: a promotion after which errors or scores jump is taken back by itself; false: it only raises an alarm. Default: false. */
      revertsBadPromotion: z.boolean().default(false),
      /** For so long after a promotion. Default: 6. */
      watchedForHours: z.int().min(1).max(24).default(6),
      /** Fewer scores than these, before or after, tell nothing. Default: 200. */
      minimumScores: z.int().min(30).max(1_000_000).default(200),
      /** Difference of the mean score, or of p10, p50 or p90, in points of 100, that counts as a jump. Default: 15. */
      scoreJump: z.number().min(1).max(100).default(15),
      /** Difference of the share of leads that fail or are rejected that counts as a jump. Default: 0.05. */
      errorJump: z.number().min(0.001).max(1).default(0.05),
    })
    .prefault({}),
});
