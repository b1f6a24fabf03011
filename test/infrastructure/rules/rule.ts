import type { Resource, SynthesisedStack } from "../synthesise.ts";

/** Looks at all stacks of one stage and tells what is wrong, each finding with the place. */
export type Rule = (stacks: readonly SynthesisedStack[]) => readonly string[] | Promise<readonly string[]>;

export interface PlacedResource extends Resource {
  /** Stack and logical id: `data-lake/Bucket83908E77`. */
  readonly place: string;
}

export function everyResource(stacks: readonly SynthesisedStack[]): readonly PlacedResource[] {
  return stacks.flatMap(({ purpose, template }) =>
    Object.entries(template.Resources).map(([logicalId, resource]) => ({
      ...resource,
      Properties: resource.Properties ?? {},
      place: `${purpose}/${logicalId}`,
    })),
  );
}

export interface PlacedStatement {
  readonly place: string;
  readonly type: string;
  readonly effect: "Allow" | "Deny";
  readonly actions: readonly string[];
  readonly resources: readonly unknown[];
  readonly principal: unknown;
  readonly sid: string | undefined;
}

/** Statements of every policy, wherever in a resource it is. */
export function everyStatement(stacks: readonly SynthesisedStack[]): readonly PlacedStatement[] {
  return everyResource(stacks).flatMap(({ place, Type: type, Properties: properties }) =>
    objectsIn(properties)
      .filter(({ Effect }) => Effect === "Allow" || Effect === "Deny")
      .map(({ Effect, Action, Resource, Principal, Sid }) => ({
        place,
        type,
        effect: Effect as "Allow" | "Deny",
        actions: [Action ?? []].flat() as string[],
        resources: [Resource ?? []].flat(),
        principal: Principal,
        sid: Sid as string | undefined,
      })),
  );
}

/** Every object in a JSON value, the outermost first. */
export function objectsIn(value: unknown): readonly Readonly<Record<string, unknown>>[] {
  if (typeof value !== "object" || value === null) return [];
  const within = Object.values(value).flatMap(objectsIn);
  return Array.isArray(value) ? within : [value as Record<string, unknown>, ...within];
}

/** A text as it is, or one that is joined, with `{region}` in the place of a region that is not known yet. */
export function textOf(value: unknown): string {
  if (typeof value === "string") return value;
  const parts = (value as { "Fn::Join"?: [string, unknown[]] } | undefined)?.["Fn::Join"]?.[1] ?? [];
  return parts
    .map((part) => ((part as { Ref?: string }).Ref === "AWS::Region" ? "{region}" : String(part)))
    .join("");
}
