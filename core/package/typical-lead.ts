/** A lead as most are, made from the reference profile: typed values under the spec's own names. No lead has to be remembered for it. */
import type { RawLead, RawValue } from "../scoring/result.ts";
import type { FeatureSpec, Field } from "../spec/schema.ts";
import { Shape } from "./shape.ts";

const MAXIMUM_FIELDS = 1_000;
const MAXIMUM_CATEGORIES = 100_000;
const QUANTILES = 101;

/**
 * The commonest category or the median of each of `names`, in the spec's order; a field of which the profile tells nothing is left out.
 * @param profile the document of profile.json; throws PackageError where it has another form
 */
export function typicalLead(spec: FeatureSpec, names: ReadonlySet<string>, profile: unknown): RawLead {
  const described = new Map(new Shape("profile.json", profile).at("fields").entries(MAXIMUM_FIELDS));
  const lead: Record<string, RawValue> = {};
  for (const field of spec.fields) {
    const shape = described.get(field.name);
    if (shape === undefined || !names.has(field.name)) continue;
    const value = typicalValue(field, shape);
    if (value !== undefined) lead[field.name] = value;
  }
  return lead;
}

function typicalValue(field: Field, shape: Shape): RawValue | undefined {
  switch (field.type) {
    case "boolean": {
      const common = commonest(shape);
      return common === undefined ? undefined : common === "true";
    }
    case "category": {
      // What fell to `other` had many spellings, of which the profile keeps none.
      const group = commonest(shape, field.other) ?? commonest(shape);
      return group === undefined ? undefined : spelling(field, group);
    }
    case "ordinal": {
      const level = commonest(shape);
      return level === undefined ? undefined : spelling(field, level);
    }
    case "timestamp":
      return typicalTime(field.formats ?? ["iso"], shape);
    default:
      return typicalNumber(field, shape);
  }
}

/** The first of equals in the order of the alphabet, as the profile's keys are sorted. */
function commonest(shape: Shape, except?: string): string | undefined {
  let best: string | undefined;
  let most = 0;
  for (const [name, count] of shape.at("counts").entries(MAXIMUM_CATEGORIES)) {
    const leads = count.number(0);
    if (leads <= most || name === except) continue;
    best = name;
    most = leads;
  }
  return best;
}

/** As a source writes it: the profile counts groups. */
function spelling(
  { groups = {} }: { groups?: Readonly<Record<string, readonly string[]>> | undefined },
  group: string,
) {
  return (Object.hasOwn(groups, group) ? groups[group]?.[0] : undefined) ?? group;
}

function median(shape: Shape): number | undefined {
  return (
    shape.at("quantiles").optional((quantiles) => quantiles.numbers(QUANTILES, QUANTILES)[50]) ?? undefined
  );
}

function typicalNumber(field: Field & { type: "number" | "integer" }, shape: Shape): number | undefined {
  const middle = median(shape);
  if (middle === undefined) return undefined;
  const isWhole = field.type === "integer" || shape.at("integer").boolean();
  const rounded = isWhole ? Math.round(middle) : Number(middle.toPrecision(3));
  const { min = rounded, max = rounded } = field.bounds ?? {};
  return Math.min(Math.max(rounded, min), max);
}

/** In the first format that the field takes; one of its own making is left out. */
function typicalTime([format]: readonly string[], shape: Shape): RawValue | undefined {
  const middle = median(shape);
  if (middle === undefined) return undefined;
  const seconds = Math.floor(middle / 1000);
  if (format === "epoch-seconds") return seconds;
  if (format === "epoch-milliseconds") return seconds * 1000;
  if (format !== "iso" || Math.abs(seconds) > 8.64e12) return undefined;
  return new Date(seconds * 1000).toISOString().replace(".000Z", "Z");
}
