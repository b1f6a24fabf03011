/** The spec in a package: checked as any other, without loading what explains a fault while there is none. */
import publishedSchema from "../../specs/feature-spec.schema.json" with { type: "json" };
import { type JsonSchema, matches } from "../json/json-schema.ts";
import type { FeatureSpec } from "./schema.ts";
import { checkSemantics } from "./semantics.ts";
import type { ShapeReading } from "./shape.ts";

export async function readPackagedSpec(document: unknown): Promise<ShapeReading> {
  if (hasSpecShape(document) && checkSemantics(document).length === 0)
    return { spec: document, findings: [] };
  const { checkSpec } = await import("./read-spec.ts");
  return checkSpec(document);
}

/** Whether the published JSON Schema holds; a test keeps it and the schema of the code at one. */
export function hasSpecShape(document: unknown): document is FeatureSpec {
  return matches(publishedSchema as JsonSchema, document);
}
