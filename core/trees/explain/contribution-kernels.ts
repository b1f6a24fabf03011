/** What walks over the blocks: WebAssembly (../kernel/assembly/contributions.ts), or its twin. All arguments are addresses in bytes. */
export interface ContributionKernels {
  /** Adds the contributions of a row to `out`. `weights`: by output. */
  explainRow(
    blocks: number,
    end: number,
    weights: number,
    x: number,
    out: number,
    above: number,
    below: number,
    sides: number,
    curves: number,
  ): void;
  /** The same of so many pairs of rows; the inputs and the results of the two alternate. Absent: one row after the other. */
  explainPairs?(
    blocks: number,
    end: number,
    weights: number,
    pairs: number,
    x: number,
    xStride: number,
    out: number,
    outStride: number,
    above: number,
    below: number,
    sides: number,
    curves: number,
  ): void;
}
