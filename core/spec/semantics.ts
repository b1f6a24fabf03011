/** What a schema cannot say of a spec: names that must exist or be unique, and parts that must fit each other. */
import { sourcesOf } from "../lead/derivation.ts";
import { caseFold, headerKey, normaliser } from "../lead/text.ts";
import { checkField } from "./field-semantics.ts";
import { checkMembers, checkNumberFormat } from "./part-semantics.ts";
import type { Finding, Path, Report } from "./problem.ts";
import type { FeatureSpec } from "./schema.ts";
import { didYouMean } from "./suggest.ts";

export function checkSemantics(spec: FeatureSpec): Finding[] {
  const findings: Finding[] = [];
  const report = (path: Path, message: string) => findings.push({ path, message });
  checkNames(spec, report);
  spec.fields.forEach((field, index) => {
    checkField(spec, field, (path, message) => report(["fields", index, ...path], message));
  });
  checkNumberFormat(spec.numberFormat, (message) => report(["numberFormat", "group"], message));
  checkOrFrom(spec, report);
  checkDerived(spec, report);
  checkFeatures(spec, report);
  checkTarget(spec, report);
  checkTiers(spec, report);
  return findings;
}

function checkNames(spec: FeatureSpec, report: Report): void {
  const places = new Map<string, string>();
  const claim = (name: string, path: Path, place: string) => {
    const key = headerKey(name);
    if (key === "") report(path, "is empty but for white space.");
    const other = places.get(key);
    if (other !== undefined && other !== place) {
      report(path, `"${name}" is already the name of ${other}; case and spacing do not tell names apart.`);
    }
    places.set(key, other ?? place);
  };
  const claimAll = (
    named: { name: string; aliases?: readonly string[] | undefined },
    path: Path,
    what: string,
  ) => {
    const place = `${what} "${named.name}"`;
    claim(named.name, [...path, "name"], place);
    named.aliases?.forEach((alias, index) => {
      claim(alias, [...path, "aliases", index], place);
    });
  };
  const { fields, derived = [], ignored = [], leadId, target } = spec;
  // Places are told apart by their number, so that two fields of one name are found.
  fields.forEach((field, index) => {
    claimAll(field, ["fields", index], `field ${index + 1}`);
  });
  derived.forEach((each, index) => {
    claimAll({ name: each.name }, ["derived", index], `derived value ${index + 1}`);
  });
  if (leadId !== undefined) claimAll(leadId, ["leadId"], "the lead id");
  claim(target.field, ["target", "field"], "the target");
  target.aliases?.forEach((alias, index) => {
    claim(alias, ["target", "aliases", index], "the target");
  });
  ignored.forEach((each, index) => {
    claimAll(each, ["ignored", index], `ignored column ${index + 1}`);
  });
}

/** The type of a value, by name: that of a field, or `derived`. */
type Types = ReadonlyMap<string, FeatureSpec["fields"][number]["type"] | "derived">;

function fieldTypes(spec: FeatureSpec): Types {
  return new Map(spec.fields.map(({ name, type }) => [name, type]));
}

/** Where the names of a derivation stand, and what they must be. */
function checkSources(
  derivation: Parameters<typeof sourcesOf>[0],
  types: Types,
  report: Report,
  hint: string,
): void {
  const { op } = derivation;
  const keys = {
    sum: ["fields"],
    "count-present": ["fields"],
    difference: ["minuend", "subtrahend"],
    ratio: ["numerator", "denominator"],
    "days-between": ["from", "to"],
    "date-part": ["field"],
    map: ["field"],
  }[op];
  sourcesOf(derivation).forEach((name, index) => {
    const path = keys[0] === "fields" ? ["fields", index] : [keys[index] as string];
    const type = types.get(name);
    if (type === undefined) report(path, `"${name}" is not ${hint}.${didYouMean(name, types.keys())}`);
    else if ((op === "date-part" || op === "days-between") && type !== "timestamp") {
      report(path, `"${name}" is of type ${type}; ${op} needs a timestamp.`);
    } else if (
      (op === "sum" || op === "difference" || op === "ratio") &&
      (type === "category" || type === "timestamp")
    ) {
      report(path, `"${name}" is of type ${type}; ${op} needs numbers.`);
    } else if (op === "map" && type === "timestamp") {
      report(path, `"${name}" is a timestamp; map needs a text.`);
    }
  });
}

function checkOrFrom(spec: FeatureSpec, report: Report): void {
  const plain = new Map(
    spec.fields.filter(({ orFrom }) => orFrom === undefined).map(({ name, type }) => [name, type]),
  );
  spec.fields.forEach(({ orFrom }, index) => {
    if (orFrom === undefined) return;
    const at = (path: Path, message: string) => report(["fields", index, "orFrom", ...path], message);
    checkSources(orFrom, plain, at, "a field without an orFrom of its own");
    if (orFrom.op === "map")
      checkGroups(spec, orFrom.field, orFrom.groups, (path, message) => at(["groups", ...path], message));
  });
}

/** No text may belong to two groups; a group's own name belongs to it. */
function checkGroups(
  spec: FeatureSpec,
  fieldName: string,
  groups: Readonly<Record<string, readonly string[]>>,
  report: Report,
): void {
  const field = spec.fields.find(({ name }) => name === fieldName);
  checkMembers(groups, normaliser(field?.normalise ?? spec.normalise ?? ["trim", "collapse-spaces"]), report);
}

function checkDerived(spec: FeatureSpec, report: Report): void {
  const types = new Map<string, FeatureSpec["fields"][number]["type"] | "derived">(fieldTypes(spec));
  (spec.derived ?? []).forEach((derived, index) => {
    const at = (path: Path, message: string) => report(["derived", index, ...path], message);
    checkSources(derived, types, at, "a field, nor a derived value declared before this one");
    if (derived.reasonField !== undefined && !spec.fields.some(({ name }) => name === derived.reasonField)) {
      const guess = didYouMean(
        derived.reasonField,
        spec.fields.map(({ name }) => name),
      );
      at(["reasonField"], `"${derived.reasonField}" is not a field.${guess}`);
    }
    types.set(derived.name, "derived");
  });
}

const fitting = {
  number: ["number", "integer", "boolean", "timestamp", "derived"],
  "one-hot": ["category", "boolean", "ordinal"],
  ordinal: ["ordinal"],
  native: ["category"],
} as const;

function checkFeatures(spec: FeatureSpec, report: Report): void {
  const types = new Map<string, string>(fieldTypes(spec));
  for (const { name } of spec.derived ?? []) types.set(name, "derived");
  const seen = new Set<string>();
  spec.features.forEach(({ input, encode, impute, missingIndicator }, index) => {
    const at = (key: string, message: string) => report(["features", index, key], message);
    const type = types.get(input);
    if (type === undefined) {
      at("input", `"${input}" is neither a field nor a derived value.${didYouMean(input, types.keys())}`);
    } else if (!(fitting[encode] as readonly string[]).includes(type)) {
      const possible = Object.keys(fitting).filter((each) =>
        (fitting[each as typeof encode] as readonly string[]).includes(type),
      );
      at(
        "encode",
        `${encode} does not fit "${input}", which is of type ${type}; use ${possible.join(" or ")}.`,
      );
    }
    if (seen.has(`${encode} ${input}`)) at("input", `"${input}" is encoded as ${encode} before.`);
    seen.add(`${encode} ${input}`);
    const isNumeric = encode === "number" || encode === "ordinal";
    const isNumericImpute = typeof impute === "object" || impute === "median" || impute === "mean";
    if (impute !== undefined && (isNumeric ? impute === "own-category" : isNumericImpute)) {
      const allowed = isNumeric
        ? 'median, mean, most-frequent, none, or { "constant": a number }'
        : "own-category, most-frequent, none";
      at("impute", `does not fit the encoding ${encode}; allowed: ${allowed}.`);
    }
    if (missingIndicator === true && !isNumeric) {
      at(
        "missingIndicator",
        `does not fit the encoding ${encode}; there, impute own-category says the same.`,
      );
    }
  });
}

function checkTarget(spec: FeatureSpec, report: Report): void {
  const { target } = spec;
  const owners = new Map<string, string>();
  const names = new Set<string>();
  target.classes.forEach(({ name, values }, index) => {
    if (names.has(name))
      report(["target", "classes", index, "name"], `"${name}" is the name of a class before.`);
    names.add(name);
    values.forEach((value, valueIndex) => {
      const key = caseFold(value.trim());
      const owner = owners.get(key);
      if (owner !== undefined && owner !== name) {
        report(
          ["target", "classes", index, "values", valueIndex],
          `"${value}" means the class "${owner}" already.`,
        );
      }
      owners.set(key, name);
    });
  });
  if (target.kind === "ordered") {
    target.classes.forEach(({ weight }, index) => {
      const before = target.classes[index - 1]?.weight ?? 0;
      if (weight < before) {
        report(
          ["target", "classes", index, "weight"],
          `is below ${before}, the weight of the class before; classes go from worst to best.`,
        );
      }
    });
  }
  const { maturity, horizonInDays, createdAt } = target;
  if (maturity === "horizon-elapsed" && (horizonInDays === undefined || createdAt === undefined)) {
    report(["target", "maturity"], "horizon-elapsed needs horizonInDays and createdAt.");
  }
  if (createdAt !== undefined) checkTimestampField(spec, createdAt, ["target", "createdAt"], report);
  const holdOut = spec.training?.holdOut;
  if (holdOut?.by === "time")
    checkTimestampField(spec, holdOut.field, ["training", "holdOut", "field"], report);
}

function checkTimestampField(spec: FeatureSpec, name: string, path: Path, report: Report): void {
  const timestamps = spec.fields.filter(({ type }) => type === "timestamp").map((field) => field.name);
  if (!timestamps.includes(name))
    report(path, `"${name}" is not a timestamp field.${didYouMean(name, timestamps)}`);
}

function checkTiers(spec: FeatureSpec, report: Report): void {
  const { tiers, target } = spec;
  const classes = target.classes.map(({ name }) => name);
  tiers.forEach((tier, index) => {
    const at = (key: string, message: string) => report(["tiers", index, key], message);
    const isLast = index === tiers.length - 1;
    const { minimumProbability: minimum } = tier;
    if (tiers.findIndex(({ name }) => name === tier.name) < index)
      at("name", `"${tier.name}" is the name of a tier before.`);
    if (isLast && minimum !== undefined)
      at("minimumProbability", "must be absent: the last tier takes every lead that is left.");
    if (!isLast && minimum === undefined)
      report(["tiers", index], "lacks minimumProbability; only the last tier has none.");
    if (target.kind === "binary") {
      if (tier.class !== undefined) at("class", "belongs to the tiers of an ordered target.");
      const before = tiers[index - 1]?.minimumProbability;
      if (minimum !== undefined && before !== undefined && minimum >= before) {
        at(
          "minimumProbability",
          `must be below ${before}, that of the tier before: tiers go from the highest to the lowest.`,
        );
      }
    } else if (tier.class === undefined) {
      if (!isLast) report(["tiers", index], "lacks class: whose probability counts?");
    } else if (!classes.includes(tier.class)) {
      at("class", `"${tier.class}" is not a class of the target.${didYouMean(tier.class, classes)}`);
    }
  });
}
