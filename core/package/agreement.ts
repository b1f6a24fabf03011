import type { FeatureSpec } from "../spec/schema.ts";
import type { Manifest } from "./manifest.ts";
import { PackageError } from "./package-error.ts";
import type { Serving } from "./serving.ts";

/** The files of a package must speak of the same model, and the columns of inputs that the spec has. */
export function checkAgreement(manifest: Manifest, spec: FeatureSpec, serving: Serving): void {
  const refuse = (problem: string): never => {
    throw new PackageError("serving.json", problem);
  };
  if (spec.name !== manifest.model) {
    throw new PackageError("spec.json", `/name is ${spec.name}; the manifest says ${manifest.model}`);
  }
  for (const key of ["model", "family", "task", "moment"] as const) {
    if (serving[key] !== manifest[key])
      refuse(`/${key} is ${serving[key]}; the manifest says ${manifest[key]}`);
  }
  if (spec.target.kind !== serving.task)
    refuse(`/task is ${serving.task}; the spec says ${spec.target.kind}`);
  const classes = spec.target.classes.map(({ name }) => name);
  if (classes.join("\0") !== serving.classes.join("\0")) {
    refuse(`/classes are ${serving.classes.join(", ")}; the spec says ${classes.join(", ")}`);
  }
  const fields = new Map(spec.fields.map((field) => [field.name, field]));
  const derived = new Set((spec.derived ?? []).map(({ name }) => name));
  const names = new Set<string>();
  serving.columns.forEach((column, index) => {
    const { name, input, field, op } = column;
    const at = `/columns/${index}`;
    if (names.has(name)) refuse(`${at}/name is used twice`);
    names.add(name);
    if (!fields.has(field)) refuse(`${at}/field is no field of the spec`);
    const source = fields.get(input);
    if (source === undefined && !derived.has(input))
      refuse(`${at}/input is neither a field nor a derived value`);
    const isCategory = source?.type === "category";
    const isNamed = isCategory || source?.type === "boolean" || source?.type === "ordinal";
    if (op === "number" && isCategory) refuse(`${at}/op number cannot be used on a category`);
    if ((op === "is-category" || op === "is-rare") && !isNamed) refuse(`${at}/op ${op} needs named values`);
    if (op === "category-code" && !isCategory) refuse(`${at}/op category-code needs a category`);
    const isAlwaysThere = source?.required === true || source?.missingAs !== undefined;
    const canBeMissing =
      (op === "number" && column.impute === null && !isAlwaysThere) ||
      (op === "category-code" && (column.missingAs === null || !column.rareCode));
    if (serving.predictor.kind === "linear" && serving.predictor.precision === "float64" && canBeMissing) {
      refuse(`${at} can be missing, which a linear model cannot take`);
    }
  });
}
