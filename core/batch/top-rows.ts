import { byRank, type RankedRow } from "./block-result.ts";

interface KeptRow<Row> {
  readonly score: number;
  readonly probability: number;
  readonly row: number;
  readonly value: Row;
}

/** The best rows of a file: a heap with the worst of them at its root, so that memory is bounded by their number. */
export class TopRows<Row> {
  readonly #limit: number;
  readonly #heap: KeptRow<Row>[] = [];

  constructor(limit: number) {
    this.#limit = limit;
  }

  /**
   * @param firstRow added to the row's own number, so that rows of all blocks compare
   * @param take makes what is to be kept of the row; called only if it is kept
   */
  offer(ranked: RankedRow, firstRow: number, take: () => Row): void {
    const { score, probability } = ranked;
    const candidate = { score, probability, row: firstRow + ranked.row };
    const heap = this.#heap;
    const worst = heap[0];
    const isFull = heap.length >= this.#limit;
    if (this.#limit === 0 || (isFull && worst && byRank(candidate, worst) > 0)) return;
    const kept = { ...candidate, value: take() };
    if (isFull) {
      heap[0] = kept;
      this.#sink();
    } else {
      heap.push(kept);
      this.#rise();
    }
  }

  /** From the best to the worst. */
  sorted(): readonly Row[] {
    return [...this.#heap].sort(byRank).map(({ value }) => value);
  }

  #rise(): void {
    let index = this.#heap.length - 1;
    while (index > 0) {
      const parent = (index - 1) >> 1;
      if (!this.#isWorse(index, parent)) return;
      this.#swap(index, parent);
      index = parent;
    }
  }

  #sink(): void {
    const { length } = this.#heap;
    for (let index = 0; ; ) {
      let worst = index;
      for (const child of [2 * index + 1, 2 * index + 2]) {
        if (child < length && this.#isWorse(child, worst)) worst = child;
      }
      if (worst === index) return;
      this.#swap(index, worst);
      index = worst;
    }
  }

  #isWorse(a: number, b: number): boolean {
    return byRank(this.#heap[a] as KeptRow<Row>, this.#heap[b] as KeptRow<Row>) > 0;
  }

  #swap(a: number, b: number): void {
    const heap = this.#heap;
    const kept = heap[a] as KeptRow<Row>;
    heap[a] = heap[b] as KeptRow<Row>;
    heap[b] = kept;
  }
}
