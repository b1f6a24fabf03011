import type { LinearLeaves, TreeEnsemble } from "../../ensemble.ts";
import type { LinearModel } from "../../linear/linear-model.ts";
import type { CategoryCodes, RawModel } from "../../raw-model.ts";

/** A model in the neutral form that docs/importing.md tells: JSON, with every array of numbers as it is evaluated. */
export function predictorText(model: RawModel, family: string): string {
  const { predictor, link, features, featureNames, categories, objective, libraryVersion } = model;
  const { noContributions } = model;
  const document = {
    format: "leadgauge-predictor",
    formatVersion: 1,
    family,
    library: `${family}${libraryVersion === undefined ? "" : ` ${libraryVersion}`}`,
    objective,
    features,
    featureNames: featureNames ?? null,
    categories: categories ? Array.from(categories, namesByCode) : null,
    link: { name: link.name, slope: link.slope ?? 1 },
    ...(noContributions === undefined ? {} : { noContributions }),
    predictor: predictor.kind === "linear" ? linearMembers(predictor, features) : treeMembers(predictor),
  };
  return `${written(document)}\n`;
}

function linearMembers({ precision, outputs, weights, bias, base }: LinearModel, features: number): unknown {
  const coefficients = Float64Array.from(
    weights,
    (_, at) => weights[(at % features) * outputs + Math.floor(at / features)] as number,
  );
  const round = precision === "float32" ? Math.fround : (value: number) => value;
  const intercepts = bias.map((each, k) => round(each + (base[k] as number)));
  return { kind: "linear", outputs, precision, coefficients, intercepts };
}

function treeMembers(predictor: TreeEnsemble): unknown {
  const { zeroMissing, categorySet, linearLeaves } = predictor;
  return {
    kind: "trees",
    outputs: predictor.outputs,
    input: predictor.input,
    flushTiny: predictor.flushTiny,
    accumulate: predictor.accumulate,
    base: predictor.base,
    baseLast: predictor.baseLast ?? false,
    divide: predictor.divide,
    valuesPerLeaf: predictor.valuesPerLeaf,
    treeOutput: predictor.treeOutput,
    treeStart: predictor.treeStart,
    feature: predictor.feature,
    threshold: predictor.threshold,
    left: predictor.left,
    right: predictor.right,
    missingLeft: predictor.missingLeft,
    ...(zeroMissing ? { zeroMissing } : {}),
    value: predictor.value,
    cover: predictor.cover,
    ...(categorySet ? { categorySet, categorySets: predictor.categorySets } : {}),
    listedGo: predictor.listedGo ?? "left",
    ...(linearLeaves ? { linearLeaves: linearMembersOf(linearLeaves) } : {}),
  };
}

/** Leaf by leaf, those that are linear models only: as packages hold them. */
function linearMembersOf({ start, features, coefficients, constants }: LinearLeaves): unknown {
  const node = Int32Array.from(constants.keys()).filter((each) => !Number.isNaN(constants[each]));
  return {
    node,
    constant: Float64Array.from(node, (each) => constants[each] as number),
    count: node.map((each) => (start[each + 1] as number) - (start[each] as number)),
    column: features,
    coefficient: coefficients,
  };
}

/** The names of codes 0, 1, 2…; null where a code has none. */
function namesByCode(codes: CategoryCodes | undefined): string[] | null {
  if (!codes) return null;
  const names = new Map(Array.from(codes, ([name, code]) => [code, String(name)]));
  const list = Array.from({ length: names.size }, (_, code) => names.get(code));
  return list.every((name) => name !== undefined) ? list : null;
}

/** JSON with 1e999 for infinity, which every reader of JSON takes for it, -0.0 for minus zero and null for NaN. */
function written(value: unknown): string {
  if (ArrayBuffer.isView(value)) return `[${Array.from(value as Float64Array, number).join(",")}]`;
  if (Array.isArray(value)) return `[${value.map(written).join(",")}]`;
  if (typeof value === "number") return number(value);
  if (typeof value !== "object" || value === null) return JSON.stringify(value);
  const members = Object.entries(value).map(([key, member]) => `${JSON.stringify(key)}:${written(member)}`);
  return `{${members.join(",")}}`;
}

function number(value: number): string {
  if (Object.is(value, -0)) return "-0.0";
  if (Number.isFinite(value)) return String(value);
  if (Number.isNaN(value)) return "null";
  return value > 0 ? "1e999" : "-1e999";
}
