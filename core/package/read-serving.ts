/** serving.json, checked before it is used. */
import { families } from "../spec/families.ts";
import { PackedArrays, parsePacked } from "./packed-document.ts";
import { readCalibration } from "./read-calibration.ts";
import { readPredictor } from "./read-predictor.ts";
import type { Column, Scale, Serving, Tier } from "./serving.ts";
import { Shape } from "./shape.ts";

const file = "serving.json";
const maximumColumns = 100_000;
const maximumCategories = 100_000;

/** From the bytes of serving.json. Throws PackageError. */
export function readServingFile(bytes: Uint8Array): Serving {
  const { value, arrays } = parsePacked(file, bytes);
  return readServing(value, arrays);
}

export function readServing(document: unknown, arrays = new PackedArrays()): Serving {
  const root = new Shape(file, document, undefined, arrays);
  root.at("formatVersion").integer(1, 1);
  const task = root.at("task").oneOf(["binary", "ordered"]);
  const isBinary = task === "binary";
  const classes = root.at("classes").texts(isBinary ? 2 : 3, isBinary ? 2 : 100);
  if (new Set(classes).size !== classes.length) root.at("classes").refuse("names a class twice");
  const columns = root.at("columns").items(1, maximumColumns).map(readColumn);
  const margins = isBinary ? 1 : classes.length;
  const isDifference =
    root
      .at("predictor")
      .at("difference")
      .optional((each) => each.boolean()) ?? false;
  if (isDifference && !isBinary) root.at("predictor").at("difference").refuse("is for binary models only");
  const explanation = root.at("explanation");
  const noContributions = explanation.at("noContributions").optional(readNote);
  const explains = noContributions === null;
  const predictor = readPredictor(root.at("predictor"), columns, isDifference ? 2 : margins, explains);
  return {
    model: root.at("model").text(),
    family: root.at("family").oneOf(families),
    moment: root.at("moment").oneOf(["at-creation", "engagement", "after-contact"]),
    task,
    classes,
    columns,
    predictor,
    isDifference,
    calibration: readCalibration(root.at("calibration"), isBinary),
    predictionCut: isBinary ? root.at("prediction").at("cut").number() : null,
    score: readScore(root.at("score"), isBinary, classes.length),
    percentileCuts: readCuts(root.at("percentile").at("cuts")),
    tiers: readTiers(root.at("tiers"), classes, isBinary),
    explanation: {
      unit: explanation.at("unit").oneOf(["log-odds", "probability", "margin"]),
      noContributions,
      baseline: explains ? explanation.at("baseline").numbers(margins, margins) : new Float64Array(0),
      means:
        explains && predictor.kind === "linear"
          ? explanation.at("means").numbers(columns.length, columns.length)
          : null,
    },
  };
}

/** Told to people in the middle of a sentence. */
function readNote(shape: Shape): string {
  const text = shape.text();
  return /^[^\p{C}\u2028\u2029]{1,200}$/u.test(text)
    ? text
    : shape.refuse("must be one line of 1 to 200 characters");
}

const columnOps = ["number", "is-missing", "is-category", "is-rare", "category-code"] as const;

function readColumn(shape: Shape): Column {
  const common = {
    name: shape.textAt("name"),
    input: shape.textAt("input"),
    field: shape.textAt("field"),
  };
  const missingAs = () => shape.optionalAt("missingAs", (each) => each.text());
  const known = () => shape.at("known").texts(0, maximumCategories);
  const op = shape.oneOfAt("op", columnOps);
  switch (op) {
    case "number":
      return {
        ...common,
        op,
        impute: shape.optionalAt("impute", (each) => each.number()),
        scale: shape.optionalAt("scale", readScale),
      };
    case "is-missing":
      return { ...common, op };
    case "is-category":
      return { ...common, op, category: shape.textAt("category"), missingAs: missingAs() };
    case "is-rare":
      return { ...common, op, known: known(), missingAs: missingAs() };
    case "category-code": {
      const rareCode = shape.optionalAt("rareCode", (each) => each.boolean()) ?? false;
      return { ...common, op, known: known(), missingAs: missingAs(), rareCode };
    }
  }
}

function readScale(shape: Shape): Scale {
  const kind = shape.at("kind").oneOf(["standard", "minmax"]);
  if (kind === "minmax") {
    return { kind, multiply: shape.at("multiply").number(), add: shape.at("add").number() };
  }
  const deviation = shape.at("deviation").number();
  if (deviation === 0) shape.at("deviation").refuse("must not be 0");
  return { kind, mean: shape.at("mean").number(), deviation };
}

function readCuts(shape: Shape): Float64Array {
  const cuts = shape.numbers(100, 100);
  for (let i = 1; i < cuts.length; i++) {
    if ((cuts[i] as number) < (cuts[i - 1] as number)) shape.refuse(`must not fall; it does at ${i}`);
  }
  return cuts;
}

function readScore(shape: Shape, isBinary: boolean, classes: number): Serving["score"] {
  const scale = shape.at("scale").oneOf(["probability", "percentile"]);
  if (isBinary) return { scale, cuts: readCuts(shape.at("cuts")), weights: null };
  const weights = Float64Array.from(shape.at("weights").items(classes, classes), (each) =>
    each.number(0, 100),
  );
  return { scale, cuts: scale === "percentile" ? readCuts(shape.at("cuts")) : null, weights };
}

function readTiers(shape: Shape, classes: readonly string[], isBinary: boolean): Tier[] {
  const items = shape.items(1, 20);
  const tiers = items.map((item, index): Tier => {
    const isLast = index === items.length - 1;
    const minimum = item.at("minimumProbability");
    const minimumProbability = minimum.optional((each) => each.number(0, 1));
    if ((minimumProbability === null) !== isLast)
      minimum.refuse("must be null in the last tier, and only there");
    const cut = isBinary ? item.at("cut").optional((each) => each.number()) : null;
    if (isBinary && (cut === null) !== isLast)
      item.at("cut").refuse("must be null in the last tier, and only there");
    const ofClass = item.at("class").optional((each) => each.oneOf(classes)) ?? undefined;
    if (!isBinary && ofClass === undefined && !isLast) item.at("class").refuse("must name a class");
    return {
      name: item.at("name").text(),
      action: item.at("action").text(),
      minimumProbability,
      cut,
      class: ofClass,
    };
  });
  for (let i = 1; i < tiers.length - 1; i++) {
    const [above, below] = [tiers[i - 1]?.cut, tiers[i]?.cut];
    if (above != null && below != null && below > above)
      shape.refuse(`must have falling cuts; tier ${i} has not`);
  }
  return tiers;
}
