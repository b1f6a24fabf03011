import { everyResource, type Rule } from "./rule.ts";

/** Redshift Serverless: 4 RPU, or 8 to 512 in steps of 8, or 1024. */
export const warehouseCapacity: Rule = (stacks) =>
  everyResource(stacks)
    .filter(({ Type }) => Type === "AWS::RedshiftServerless::Workgroup")
    .flatMap(({ place, Properties: { BaseCapacity, MaxCapacity } }) =>
      Object.entries({ BaseCapacity, MaxCapacity })
        .filter(([, rpu]) => rpu !== undefined && !isCapacity(rpu))
        .map(([name, rpu]) => `${place}: ${name} ${rpu} is neither 4 nor 8 to 512 in steps of 8 nor 1024`),
    );

function isCapacity(rpu: unknown): boolean {
  if (rpu === 4 || rpu === 1_024) return true;
  return Number.isInteger(rpu) && Number(rpu) >= 8 && Number(rpu) <= 512 && Number(rpu) % 8 === 0;
}
