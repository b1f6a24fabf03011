/**
 * LightGBM's links, in double as there. Its `exp` and `log1p` are glibc's, ours fdlibm's: both err by less than one ulp of
 * double, so that outputs differ by a few ulps of double at most.
 */
import { exp } from "./fdlibm.ts";
import type { Link } from "./link.ts";

/** Each margin for itself; `slope` multiplies it first. */
function eachOf(name: string, outputs: number, slope: number, map: (margin: number) => number): Link {
  return {
    name,
    outputs,
    slope,
    apply: (margins, out) => {
      for (let k = 0; k < outputs; k++) out[k] = map(margins[k] as number);
    },
  };
}

/** 1 / (1 + exp(-steepness x margin)). */
export function sigmoid64(outputs: number, steepness: number): Link {
  return eachOf("sigmoid", outputs, steepness, (margin) => 1 / (1 + exp(-steepness * margin)));
}

export function exponential64(outputs: number): Link {
  return eachOf("exp", outputs, 1, exp);
}

/** The square with the margin's sign: the inverse of a signed square root. */
export function signedSquare(outputs: number): Link {
  return eachOf("signed-square", outputs, 1, (margin) => Math.sign(margin) * margin * margin);
}

/** log(1 + exp(margin)). */
export function softplus(outputs: number): Link {
  return eachOf("softplus", outputs, 1, (margin) => Math.log1p(exp(margin)));
}

export function softmax64(outputs: number): Link {
  return {
    name: "softmax",
    outputs,
    apply: (margins, out) => {
      let greatest = margins[0] as number;
      for (let k = 1; k < outputs; k++) greatest = Math.max(greatest, margins[k] as number);
      let sum = 0;
      for (let k = 0; k < outputs; k++) {
        const power = exp((margins[k] as number) - greatest);
        out[k] = power;
        sum += power;
      }
      for (let k = 0; k < outputs; k++) out[k] = (out[k] as number) / sum;
    },
  };
}

/** The link of the margins' means over `count` iterations: random forests, whose margins are sums. */
export function ofMean(link: Link, count: number): Link {
  return {
    name: link.name,
    outputs: link.outputs,
    slope: (link.slope ?? 1) / count,
    apply: (margins, out) =>
      link.apply(
        margins.map((margin) => margin / count),
        out,
      ),
  };
}
