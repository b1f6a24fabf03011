import { exponential64, ofMean, sigmoid64, signedSquare, softmax64, softplus } from "../../links/float64.ts";
import { identity, type Link } from "../../links/link.ts";
import type { Header } from "./header.ts";
import { refuse, shown } from "./text-lines.ts";

/** The objective's name in the file and others that LightGBM takes for it, to its own name. */
const aliases: ReadonlyMap<string, string> = new Map(
  Object.entries({
    regression: "regression_l2 mean_squared_error mse l2 l2_root root_mean_squared_error rmse",
    regression_l1: "mean_absolute_error l1 mae",
    multiclass: "softmax",
    multiclassova: "multiclass_ova ova ovr",
    cross_entropy: "xentropy",
    cross_entropy_lambda: "xentlambda",
    mape: "mean_absolute_percentage_error",
    rank_xendcg: "xendcg xe_ndcg xe_ndcg_mart xendcg_mart",
    custom: "none null na",
    huber: "",
    fair: "",
    poisson: "",
    quantile: "",
    gamma: "",
    tweedie: "",
    binary: "",
    lambdarank: "",
  }).flatMap(([name, others]) => [name, ...others.split(" ")].map((alias) => [alias, name])),
);

export interface Objective {
  readonly name: string;
  readonly link: Link;
}

/** The objective with what turns margins into its outputs. Throws ModelFileError for one that is unknown. */
export function objectiveOf({ objective, outputs, averages }: Header, iterations: number): Objective {
  if (!objective) return { name: "custom", link: averaged(identity(outputs)) };
  const { words, line } = objective;
  const name = aliases.get(words[0] ?? "");
  if (name === undefined) refuse(line, `"${shown(words[0] ?? "")}" is not an objective that is known`);
  const parameter = (key: string): number | undefined => {
    const word = words.find((each) => each.startsWith(`${key}:`));
    if (word === undefined) return undefined;
    const text = word.slice(key.length + 1);
    const value = /^\d+(\.\d*)?(e[+-]?\d+)?$/i.test(text) ? Number(text) : Number.NaN;
    if (!(value > 0 && value < Number.POSITIVE_INFINITY)) refuse(line, `${key} must be a number above 0`);
    return value;
  };
  const steepness = (): number => parameter("sigmoid") ?? refuse(line, `${name} must tell its sigmoid`);
  const isMultiClass = name === "multiclass" || name === "multiclassova";
  const expected = isMultiClass
    ? (parameter("num_class") ?? refuse(line, `${name} must tell its num_class`))
    : 1;
  if (outputs !== expected && name !== "custom") {
    refuse(line, `${name} has ${expected} outputs, but an iteration of the file ${outputs} trees`);
  }
  return { name, link: averaged(linkOf()) };

  function linkOf(): Link {
    switch (name) {
      case "binary":
      case "multiclassova":
        return sigmoid64(outputs, steepness());
      case "multiclass":
        return softmax64(outputs);
      case "cross_entropy":
        return sigmoid64(outputs, 1);
      case "cross_entropy_lambda":
        return softplus(outputs);
      case "poisson":
      case "gamma":
      case "tweedie":
        return exponential64(outputs);
      case "regression":
      case "regression_l1":
      case "quantile":
      case "mape":
      case "fair":
        return words.includes("sqrt") ? signedSquare(outputs) : identity(outputs);
      default:
        // LightGBM turns the square root off for huber; rankings and custom objectives have no link.
        return identity(outputs);
    }
  }

  function averaged(link: Link): Link {
    return averages ? ofMean(link, iterations) : link;
  }
}
