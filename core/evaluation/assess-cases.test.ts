import { expect, it } from "vitest";
import evaluation from "../../test/cases/evaluation.json" with { type: "json" };
import { assess } from "./assess.ts";
import type { OutcomeTable } from "./outcome-table.ts";

const { cases } = evaluation;

type Case = (typeof cases)[number];

/** The table of a case: what serving predicts, and the first tier whose limit a lead reaches. */
function tableOf({ classes, tiers, labels, probabilities }: Case): OutcomeTable {
  const isBinary = classes.length === 2;
  const byClass = classes.map((_, k) => Float64Array.from(probabilities, (row) => row[k] as number));
  return {
    classes,
    tiers: tiers.map(({ name }) => name),
    tierClasses: tiers.map((tier) => classes.indexOf(tier.class ?? "")),
    labels: Int32Array.from(labels),
    predictions: Int32Array.from(probabilities, (row) =>
      isBinary ? Number((row[1] as number) >= 0.5) : row.indexOf(Math.max(...row)),
    ),
    tierOfRow: Int32Array.from(probabilities, (row) =>
      tiers.findIndex((tier) => {
        const ofClass = tier.class == null ? 1 : classes.indexOf(tier.class);
        return (row[ofClass] as number) >= (tier.minimumProbability ?? 0);
      }),
    ),
    probabilities: byClass,
  };
}

/** NaN as JSON has it, and numbers that agree to nine digits. */
function expectSame(own: unknown, expected: unknown, where: string) {
  if (typeof expected === "number") {
    expect(Math.abs((own as number) - expected), where).toBeLessThanOrEqual(
      1e-7 * Math.max(1, Math.abs(expected)),
    );
  } else if (expected === null) expect(own, where).toBeNaN();
  else {
    for (const [name, value] of Object.entries(expected as object)) {
      expectSame((own as Record<string, unknown>)[name], value, `${where} ${name}`);
    }
  }
}

it.each(cases)("computes the figures that Python does: $name", (each) => {
  const { metrics, confusionMatrix, byClass, calibration, tiers } = assess(tableOf(each), 0);
  expect(Object.keys(metrics)).toEqual(Object.keys(each.expected.metrics));
  expectSame(metrics, each.expected.metrics, "metrics");
  expect(confusionMatrix.rowsAreTrue).toEqual(each.expected.confusion);
  expectSame(byClass, each.expected.byClass, "byClass");
  expectSame(calibration, each.expected.calibration, "calibration");
  expectSame(Object.fromEntries(tiers.map((tier) => [tier.tier, tier])), each.expected.tiers, "tiers");
});
