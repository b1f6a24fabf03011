import { sourcesOf } from "../lead/derivation.ts";
import type { Column } from "../package/serving.ts";
import type { FeatureSpec } from "../spec/schema.ts";

/** The fields that are inputs of columns, or that a derived input is computed from. */
export function usedFields(spec: FeatureSpec, columns: readonly Column[]): ReadonlySet<string> {
  const derived = new Map((spec.derived ?? []).map((each) => [each.name, each]));
  const used = new Set<string>();
  const visit = (name: string) => {
    const derivation = derived.get(name);
    if (derivation === undefined) used.add(name);
    else for (const source of sourcesOf(derivation)) visit(source);
  };
  for (const { input } of columns) visit(input);
  return used;
}
