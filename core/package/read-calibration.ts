import type { Calibration } from "./serving.ts";
import type { Shape } from "./shape.ts";

const maximumKnots = 1_000_000;

export function readCalibration(shape: Shape, isBinary: boolean): Calibration {
  const method = shape.at("method").oneOf(isBinary ? ["platt", "isotonic"] : ["temperature"]);
  switch (method) {
    case "platt":
      return {
        method,
        input: shape.at("input").oneOf(["margin", "probability"]),
        slope: positive(shape.at("slope")),
        intercept: shape.at("intercept").number(),
      };
    case "temperature": {
      const input = shape.at("input").oneOf(["margin", "probability", "one-vs-rest"]);
      const temperature = positive(shape.at("temperature"));
      return input === "one-vs-rest"
        ? { method, input, slope: positive(shape.at("slope")), temperature }
        : { method, input, temperature };
    }
    case "isotonic": {
      const margins = shape.at("margins").numbers(1, maximumKnots);
      const probabilities = Float64Array.from(
        shape.at("probabilities").items(margins.length, margins.length),
        (each) => each.number(0, 1),
      );
      for (let i = 1; i < margins.length; i++) {
        if ((margins[i] as number) <= (margins[i - 1] as number))
          shape.at("margins").refuse(`must rise; it does not at ${i}`);
        if ((probabilities[i] as number) < (probabilities[i - 1] as number)) {
          shape.at("probabilities").refuse(`must not fall; it does at ${i}`);
        }
      }
      return { method, margins, probabilities };
    }
  }
}

/** A calibration that turned the order of leads around would contradict the cut points. */
function positive(shape: Shape): number {
  const value = shape.number();
  return value > 0 ? value : shape.refuse(`is ${value}; it must be above 0`);
}
