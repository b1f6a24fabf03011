import { ModelFileError } from "../../model-file-error.ts";
import type { RawModel } from "../../raw-model.ts";

/**
 * A model of trees in the neutral form that docs/importing.md tells: JSON, with every array of numbers as it is evaluated.
 * Throws ModelFileError for what the form can't say: linear leaves, and linear boosters, which work in float32.
 */
export function predictorText(model: RawModel, family: string): string {
  const { predictor, link, features, featureNames, categories, objective, libraryVersion } = model;
  if (predictor.kind === "linear") {
    throw new ModelFileError("a linear booster (gblinear) can't be told in this form", "the model");
  }
  if (predictor.linearLeaves) {
    throw new ModelFileError(
      "trees with linear leaves (linear_tree) can't be told in this form",
      "the model",
    );
  }
  const { zeroMissing, categorySet } = predictor;
  const parts: readonly [string, unknown][] = [
    ["format", "leadgauge-predictor"],
    ["formatVersion", 1],
    ["family", family],
    ["library", `${family}${libraryVersion === undefined ? "" : ` ${libraryVersion}`}`],
    ["objective", objective],
    ["features", features],
    ["featureNames", featureNames ?? null],
    ["categories", categories ? Array.from(categories, (names) => names ?? null) : null],
    ["link", { name: link.name, slope: link.slope ?? 1 }],
    [
      "predictor",
      {
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
      },
    ],
  ];
  return `${written(Object.fromEntries(parts))}\n`;
}

/** JSON with 1e999 for infinity, which every reader of JSON takes for it, and -0.0 for minus zero. */
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
  return value > 0 ? "1e999" : "-1e999";
}
