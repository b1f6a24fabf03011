import type { OutcomeTable, RowWeights } from "./outcome-table.ts";

/** How a tier did; a conversion is a lead of the last class. Figures that the rows cannot define are NaN. */
export interface TierFigures {
  readonly leads: number;
  readonly share: number;
  readonly conversions: number;
  readonly conversionRate: number;
  readonly lift: number;
  readonly shareOfConversions: number;
  /** Of a tier of an ordered model that is meant for a class. */
  readonly precisionOfClass?: number;
  readonly recallOfClass?: number;
}

/** One a tier, in the model's order. */
export function tierFigures(table: OutcomeTable, weights: RowWeights): readonly TierFigures[] {
  const { classes, tiers, tierClasses, labels, tierOfRow } = table;
  const counts = tiers.map(() => new Float64Array(classes.length));
  const ofClass = new Float64Array(classes.length);
  for (let row = 0; row < labels.length; row++) {
    const label = labels[row] as number;
    const weight = weights[row] as number;
    const inTier = counts[tierOfRow[row] as number] as Float64Array;
    inTier[label] = (inTier[label] as number) + weight;
    ofClass[label] = (ofClass[label] as number) + weight;
  }
  const all = sum(ofClass);
  const allConversions = ofClass.at(-1) as number;
  return counts.map((inTier, tier) => {
    const leads = sum(inTier);
    const conversions = inTier.at(-1) as number;
    const meantFor = tierClasses[tier] ?? -1;
    const hits = inTier[meantFor] as number;
    return {
      leads,
      share: leads / all,
      conversions,
      conversionRate: conversions / leads,
      lift: conversions / leads / (allConversions / all),
      shareOfConversions: conversions / allConversions,
      ...(classes.length > 2 &&
        meantFor >= 0 && {
          precisionOfClass: hits / leads,
          recallOfClass: hits / (ofClass[meantFor] as number),
        }),
    };
  });
}

function sum(values: Float64Array): number {
  return values.reduce((total, value) => total + value, 0);
}
