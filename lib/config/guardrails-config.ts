import { z } from "zod";
import { policyArn } from "./values.ts";

const tag = z
  .string()
  .regex(/^[\p{L}\p{Z}\p{N}_.:/=+\-@]*$/u, "may hold letters, digits, spaces and _ . : / = + - @");

/** What an organisation demands of everything that is deployed in its accounts. */
export const guardrailsConfigSchema = z.strictObject({
  /** A policy that every role gets as permissions boundary. Default: none. */
  permissionsBoundaryArn: policyArn.optional(),
  /** Path of every role. Default: `/`. */
  rolePath: z
    .string()
    .regex(/^\/([\w+=,.@-]+\/)*$/, 'must begin and end with "/", such as /teams/marketing/')
    .max(512)
    .default("/"),
  /** First part of every role's name. Default: none. */
  rolePrefix: z
    .string()
    .regex(/^[\w+=,.@-]*$/, "may hold letters, digits and _ + = , . @ -")
    .default(""),
  /** Qualifier that the account was bootstrapped with. Default: CDK's own, hnb659fds. */
  bootstrapQualifier: z
    .string()
    .regex(/^[a-z0-9]{1,10}$/, "must be up to 10 lower-case letters and digits")
    .optional(),
  /** Tags on everything, besides `application` and `stage`. Default: none. */
  tags: z
    .record(tag.min(1).max(128), tag.max(256))
    .refine((tags) => Object.keys(tags).length <= 40, "may hold 40 tags at most")
    .refine((tags) => !Object.keys(tags).some((key) => /^aws:/i.test(key)), 'may not begin with "aws:"')
    .default({}),
});
