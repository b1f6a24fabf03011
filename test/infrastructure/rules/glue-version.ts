import { everyResource, type Rule } from "./rule.ts";

const VERSIONS = ["4.0", "5.0", "5.1"];

/** Versions of Glue that exist and are supported; a job that names none gets an old one. */
export const glueVersion: Rule = (stacks) =>
  everyResource(stacks)
    .filter(({ Type }) => Type === "AWS::Glue::Job")
    .filter(({ Properties }) => !VERSIONS.includes(Properties.GlueVersion))
    .map(
      ({ place, Properties }) =>
        `${place}: GlueVersion ${Properties.GlueVersion} is not one of ${VERSIONS.join(", ")}`,
    );
