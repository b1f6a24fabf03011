import {
  type BlockResult,
  byRank,
  maximumUnknownFields,
  type RankedRow,
  type RejectedRow,
} from "../block-result.ts";

const lineFeed = 10;

/** What became of a part's rows. */
export interface PartResult extends BlockResult {
  /** Of Parquet only, where rows have no bytes of their own: the best rows as a file, in the order of `ranked`. */
  readonly top?: Uint8Array;
}

/** Adds up the results of a part's blocks, in order. */
export class PartTally {
  #rows = 0;
  #scored = 0;
  #lines = 0;
  #blankLines = 0;
  #windows1252Rows = 0;
  #outputBytes = 0;
  #ranked: RankedRow[] = [];
  readonly #outputs: Uint8Array[] = [];
  readonly #rejected: RejectedRow[] = [];
  readonly #tiers: Record<string, number> = {};
  readonly #warnings: Record<string, number> = {};
  readonly #unknownFields = new Set<string>();
  readonly #top: number;

  /** @param top how many of the best rows to name */
  constructor(top: number) {
    this.#top = top;
  }

  add(block: BlockResult): void {
    for (const row of block.rejected) {
      this.#rejected.push({ ...row, row: this.#rows + row.row, line: this.#lines + row.line });
    }
    for (const { score, probability, row, start, end } of block.ranked) {
      this.#ranked.push({
        score,
        probability,
        row: this.#rows + row,
        start: this.#outputBytes + start,
        end: this.#outputBytes + end,
      });
    }
    // Sorted now and then only, so that the time for it stays in proportion.
    if (this.#ranked.length > 4 * this.#top) this.#ranked = this.#best();
    addCounts(this.#tiers, block.tiers);
    addCounts(this.#warnings, block.warnings);
    for (const name of block.unknownFields) {
      if (this.#unknownFields.size < maximumUnknownFields) this.#unknownFields.add(name);
    }
    this.#outputs.push(block.output);
    this.#outputBytes += block.output.length;
    this.#rows += block.rows;
    this.#scored += block.scored;
    this.#lines += block.lines;
    this.#blankLines += block.blankLines;
    this.#windows1252Rows += block.windows1252Rows;
  }

  result(): PartResult {
    return {
      rows: this.#rows,
      scored: this.#scored,
      lines: this.#lines,
      blankLines: this.#blankLines,
      windows1252Rows: this.#windows1252Rows,
      output: concatenate(this.#outputs),
      rejected: this.#rejected,
      tiers: this.#tiers,
      warnings: this.#warnings,
      unknownFields: [...this.#unknownFields],
      ranked: this.#best(),
    };
  }

  #best(): RankedRow[] {
    return this.#ranked.sort(byRank).slice(0, this.#top);
  }
}

function addCounts(sums: Record<string, number>, counts: Readonly<Record<string, number | undefined>>): void {
  for (const [key, count = 0] of Object.entries(counts)) sums[key] = (sums[key] ?? 0) + count;
}

/** One object: a line of JSON with all that is told of the rows, then the scored rows, then the best ones. */
export function encodePartResult({ output, top, ...told }: PartResult): Uint8Array {
  const head = new TextEncoder().encode(`${JSON.stringify({ ...told, outputBytes: output.length })}\n`);
  return concatenate([head, output, ...(top ? [top] : [])]);
}

export function decodePartResult(bytes: Uint8Array): PartResult {
  const headEnd = bytes.indexOf(lineFeed) + 1;
  const { outputBytes, ...told } = JSON.parse(new TextDecoder().decode(bytes.subarray(0, headEnd))) as Omit<
    BlockResult,
    "output"
  > & { outputBytes: number };
  const outputEnd = headEnd + outputBytes;
  return {
    ...told,
    output: bytes.subarray(headEnd, outputEnd),
    ...(bytes.length > outputEnd && { top: bytes.subarray(outputEnd) }),
  };
}

function concatenate(parts: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let position = 0;
  for (const part of parts) {
    whole.set(part, position);
    position += part.length;
  }
  return whole;
}
