import type { RowWeights } from "./outcome-table.ts";

const calibrationBins = 10;

/** Areas under the curves of a class; NaN where it, or the rest, is absent. */
export interface Areas {
  readonly rocAuc: number;
  readonly prAuc: number;
}

/** Rows ordered by the probability of one class, for the figures that depend on the order. Definitions: docs/metrics.md. */
export class Ranking {
  readonly #isEvent: Uint8Array;
  readonly #probability: Float64Array;
  /** The most probable first; equals in the file's order. */
  readonly #descending: Int32Array;
  /** The least probable first; equals in the file's order. */
  readonly #ascending: Int32Array;

  constructor(isEvent: Uint8Array, probability: Float64Array) {
    this.#isEvent = isEvent;
    this.#probability = probability;
    const rows = Int32Array.from(probability, (_, row) => row);
    const p = (row: number) => probability[row] as number;
    this.#descending = rows.toSorted((a, b) => p(b) - p(a) || a - b);
    this.#ascending = rows.sort((a, b) => p(a) - p(b) || a - b);
  }

  areas(weights: RowWeights): Areas {
    const order = this.#descending;
    const { events, all } = this.#totals(weights);
    let eventsAbove = 0;
    let rowsAbove = 0;
    let pairs = 0;
    let precisionSum = 0;
    for (let start = 0; start < order.length; ) {
      const probability = this.#probability[order[start] as number] as number;
      let eventsHere = 0;
      let rowsHere = 0;
      let end = start;
      for (; end < order.length && this.#probability[order[end] as number] === probability; end++) {
        const row = order[end] as number;
        const weight = weights[row] as number;
        rowsHere += weight;
        if (this.#isEvent[row]) eventsHere += weight;
      }
      const othersHere = rowsHere - eventsHere;
      pairs += othersHere * (eventsAbove + eventsHere / 2);
      eventsAbove += eventsHere;
      rowsAbove += rowsHere;
      if (eventsHere > 0) precisionSum += eventsHere * (eventsAbove / rowsAbove);
      start = end;
    }
    return { rocAuc: pairs / (events * (all - events)), prAuc: precisionSum / events };
  }

  /** Rate among the share of rows of highest probability, over the rate of all. */
  lift(share: number, weights: RowWeights): number {
    const { events, all } = this.#totals(weights);
    const wanted = Math.ceil(share * all);
    let taken = 0;
    let hits = 0;
    for (const row of this.#descending) {
      const weight = Math.min(weights[row] as number, wanted - taken);
      taken += weight;
      if (this.#isEvent[row]) hits += weight;
      if (taken === wanted) break;
    }
    return hits / wanted / (events / all);
  }

  /** Mean over rows of the distance between mean probability and rate of their bin; bins hold equal numbers of rows. */
  calibrationError(weights: RowWeights): number {
    const { all } = this.#totals(weights);
    let bin = 1;
    let edge = Math.floor(all / calibrationBins);
    let seen = 0;
    let difference = 0;
    let total = 0;
    for (const row of this.#ascending) {
      let weight = weights[row] as number;
      const excess = (this.#probability[row] as number) - (this.#isEvent[row] as number);
      while (weight > 0) {
        while (seen === edge && bin < calibrationBins) {
          total += Math.abs(difference);
          difference = 0;
          bin++;
          edge = Math.floor((all * bin) / calibrationBins);
        }
        const part = Math.min(weight, edge - seen);
        difference += part * excess;
        seen += part;
        weight -= part;
      }
    }
    return (total + Math.abs(difference)) / all;
  }

  #totals(weights: RowWeights): { events: number; all: number } {
    let events = 0;
    let all = 0;
    for (let row = 0; row < weights.length; row++) {
      all += weights[row] as number;
      if (this.#isEvent[row]) events += weights[row] as number;
    }
    return { events, all };
  }
}
