/** XGBoost's links, operation by operation in float32, with the C library's `expf`. */
import { expf } from "./expf.ts";
import { exp } from "./fdlibm.ts";
import { identity, type Link } from "./link.ts";
import { leastStep, softplus } from "./softplus.ts";

const { fround } = Math;

function eachOf(name: string, outputs: number, map: (margin: number) => number): Link {
  return {
    name,
    outputs,
    apply: (margins, out) => {
      for (let k = 0; k < outputs; k++) out[k] = map(margins[k] as number);
    },
  };
}

const greatestExponent = fround(88.7);
const smallestDenominator = fround(1e-16);

/** As XGBoost has it since 1.6: the exponent is capped, so that very negative margins give denormals and not 0. */
export function sigmoid(outputs: number): Link {
  return eachOf("sigmoid", outputs, (margin) => {
    const exponent = greatestExponent < -margin ? greatestExponent : -margin;
    return fround(1 / fround(fround(expf(exponent) + 1) + smallestDenominator));
  });
}

/** As XGBoost had it before. */
export function uncappedSigmoid(outputs: number): Link {
  return eachOf("sigmoid", outputs, (margin) => fround(1 / fround(1 + expf(-margin))));
}

export function exponential(outputs: number): Link {
  return eachOf("exp", outputs, expf);
}

/** As XGBoost's accelerated failure time has it: C's `exp`, in double, rounded. */
export function exponentialInDouble(outputs: number): Link {
  return eachOf("exp", outputs, (margin) => fround(exp(margin)));
}

/** 1 above 0, else 0. */
export function step(outputs: number): Link {
  return eachOf("step", outputs, (margin) => (margin > 0 ? 1 : 0));
}

/** Exponentials in float32, their sum in double, the quotients in float32. */
export function softmax(outputs: number): Link {
  return {
    name: "softmax",
    outputs,
    apply: (margins, out) => {
      let greatest = margins[0] as number;
      for (let k = 1; k < outputs; k++) greatest = greater(margins[k] as number, greatest);
      let sum = 0;
      for (let k = 0; k < outputs; k++) {
        const power = expf(fround((margins[k] as number) - greatest));
        out[k] = power;
        sum += power;
      }
      const divisor = fround(sum);
      for (let k = 0; k < outputs; k++) out[k] = fround((out[k] as number) / divisor);
    },
  };
}

/** C's fmaxf, which prefers a number to NaN. */
function greater(a: number, b: number): number {
  if (Number.isNaN(a)) return b;
  return a < b ? b : a;
}

/** The index of the greatest margin, the first of equals. */
export const firstGreatest: Link = {
  name: "first-greatest",
  outputs: 1,
  apply: (margins, out) => {
    let best = 0;
    for (let k = 1; k < margins.length; k++) {
      if ((margins[best] as number) < (margins[k] as number)) best = k;
    }
    out[0] = best;
  },
};

/** The margins, rising. */
export function sorted(outputs: number): Link {
  return {
    name: "sorted",
    outputs,
    apply: (margins, out) => {
      out.set(margins);
      out.sort();
    },
  };
}

/** The first margin, and what rises from it by the softplus of each other one. */
export function softplusSteps(outputs: number): Link {
  if (outputs === 1) return identity(1);
  return {
    name: "softplus-steps",
    outputs,
    apply: (margins, out) => {
      let sum = margins[0] as number;
      out[0] = sum;
      for (let k = 1; k < outputs; k++) {
        sum = fround(sum + fround(leastStep + softplus(margins[k] as number)));
        out[k] = sum;
      }
    },
  };
}
