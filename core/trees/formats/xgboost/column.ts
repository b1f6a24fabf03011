type Numbers = Int32Array | Float32Array | Float64Array | Uint8Array;

/** Where the entries of a tree start and end; undefined: it has none. */
export type Span = readonly [start: number, end: number] | undefined;

const firstLength = 1024;
/** They are written faster one by one than by a call. */
const fewNumbers = 16;

/**
 * One kind of entries of all trees, one tree's behind the other's. An array a tree would cost a small tree more than what it holds, and a file
 * may have a million trees.
 */
export class Column<Kind extends Numbers> {
  readonly #kind: new (
    length: number,
  ) => Kind;
  #values: Kind;
  #start = 0;
  #end = 0;
  #isFilled = false;

  constructor(kind: new (length: number) => Kind) {
    this.#kind = kind;
    this.#values = new kind(firstLength);
  }

  /** A tree begins: its entries come behind those that are there. */
  begin(): void {
    this.#start = this.#end;
    this.#isFilled = false;
  }

  /** The tree at work leaves nothing. */
  forget(): void {
    this.#end = this.#start;
    this.#isFilled = false;
  }

  /** Adds what the tree at work has; where the kind cannot hold a number, it holds another. */
  add(numbers: Float64Array): void {
    const end = this.#start + numbers.length;
    if (end > this.#values.length) {
      const larger = new this.#kind(Math.max(end, 2 * this.#values.length));
      larger.set(this.#values.subarray(0, this.#start));
      this.#values = larger;
    }
    if (numbers.length > fewNumbers) this.#values.set(numbers, this.#start);
    else for (let i = 0; i < numbers.length; i++) this.#values[this.#start + i] = numbers[i] as number;
    this.#end = end;
    this.#isFilled = true;
  }

  /** How many entries the tree at work has; undefined: it has none, not even an empty array. */
  get added(): number | undefined {
    return this.#isFilled ? this.#end - this.#start : undefined;
  }

  get isFilled(): boolean {
    return this.#isFilled;
  }

  /** The entries of all trees, and room behind them; good until more are added. */
  get all(): Kind {
    return this.#values;
  }

  /** Of the tree at work. */
  entry(index: number): number {
    return this.#values[this.#start + index] as number;
  }

  /** Where the entries of the tree at work start and end. */
  get ownSpan(): Span {
    return this.#isFilled ? [this.#start, this.#end] : undefined;
  }

  /** The entries of the tree at work; good until more are added. */
  get own(): Kind | undefined {
    return this.#isFilled ? this.of(this.#start, this.#end) : undefined;
  }

  /** A view, good until more is added. */
  of(start: number, end: number): Kind {
    return this.#values.subarray(start, end) as Kind;
  }
}
