import { BLOCK, columnFields, columnKind, SLACK } from "../kernel/kernels.ts";
import type { MemoryPlan, ModelMemory } from "../kernel/model-memory.ts";
import type { CategoryCuts, Cuts, NumericCuts } from "./cuts.ts";

/** What kernels/assembly/flags.ts reads: a descriptor a column, its cuts under blocks that lead to them, and patterns of flags. */
export interface ColumnTables {
  readonly columns: number;
  readonly end: number;
  /** Room for an address a column. */
  readonly patterns: number;
  /** Writes everything; `raised` is the value of a raised flag. */
  write(memory: ModelMemory, raised: number): void;
}

export interface InputRules {
  readonly isSingle: boolean;
  readonly flushTiny: boolean;
  readonly keepNegativeFraction: boolean;
}

export function planColumns(plan: MemoryPlan, cuts: Cuts, rules: InputRules): ColumnTables {
  const { columns } = cuts;
  const bytesPerCut = rules.isSingle ? 4 : 8;
  const first = plan.reserve(columns.length * columnFields * 4);
  const patterns = plan.reserve(columns.length * 4);
  const most = columns.reduce((highest, { raisedByMissing }) => Math.max(highest, raisedByMissing.length), 0);
  const step = plan.reserve(2 * most + SLACK) + most;
  const places = columns.map((column) => {
    const count = column.raisedByMissing.length;
    if (column.kind === "categories") {
      const distinct = new Set(column.raisedByCode).size;
      return {
        cuts: plan.reserve(column.raisedByCode.length * 4),
        patterns: plan.reserve((2 + distinct) * count + SLACK),
      };
    }
    return {
      cuts: plan.reserve(blockLevels(count).reduce((sum, blocks) => sum + blocks, 0) * BLOCK * bytesPerCut),
      patterns: plan.reserve(2 * count + SLACK),
    };
  });

  return {
    columns: first,
    end: first + columns.length * columnFields * 4,
    patterns,
    write(memory, raised) {
      memory.bytes.fill(raised, step - most, step);
      columns.forEach((column, index) => {
        const place = places[index] as (typeof places)[number];
        const kind =
          column.kind === "numeric"
            ? (rules.flushTiny ? columnKind.flushTiny : 0) +
              (column.raisedByZero !== undefined ? columnKind.zeroPattern : 0)
            : columnKind.categories + (rules.keepNegativeFraction ? columnKind.keepNegativeFraction : 0);
        const levels =
          column.kind === "numeric"
            ? writeBlocks(memory, place.cuts, column.cuts, rules.isSingle)
            : column.raisedByCode.length;
        const unlisted = column.kind === "numeric" ? step : writeCategories(memory, place, column, raised);
        if (column.kind === "numeric") writePatterns(memory, place.patterns, column, raised);
        memory.words.set(
          [
            kind + (rules.isSingle ? columnKind.single : 0),
            column.feature * 8,
            place.cuts,
            levels,
            column.firstFlag,
            column.raisedByMissing.length,
            unlisted,
            place.patterns,
          ],
          (first >> 2) + index * columnFields,
        );
      });
    },
  };
}

/** Blocks by level, from the top: those above the lowest level are all there, so that a level's place needs no looking up. */
function blockLevels(count: number): number[] {
  const lowest = Math.ceil(count / BLOCK);
  const levels: number[] = [];
  for (let blocks = 1; blocks < lowest; blocks *= BLOCK) levels.push(blocks);
  return [...levels, lowest];
}

/** Returns the number of levels. A block above the lowest holds the last cut under each of its children, but infinity for the last child. */
function writeBlocks(memory: ModelMemory, at: number, cuts: Float64Array, isSingle: boolean): number {
  const numbers = isSingle ? memory.singles : memory.doubles;
  const levels = blockLevels(cuts.length);
  let start = at / numbers.BYTES_PER_ELEMENT;
  levels.forEach((blocks, level) => {
    const perChild = BLOCK ** (levels.length - 1 - level);
    for (let i = 0; i < blocks * BLOCK; i++) {
      const lastUnder = (i + 1) * perChild - 1;
      const isUnderLast = perChild > 1 && lastUnder >= cuts.length - 1;
      numbers[start + i] = isUnderLast
        ? Number.POSITIVE_INFINITY
        : (cuts[lastUnder] ?? Number.POSITIVE_INFINITY);
    }
    start += blocks * BLOCK;
  });
  return levels.length;
}

function writePatterns(memory: ModelMemory, at: number, column: NumericCuts, raised: number): void {
  memory.bytes.set(scaled(column.raisedByMissing, raised), at);
  if (column.raisedByZero !== undefined) {
    memory.bytes.set(scaled(column.raisedByZero, raised), at + column.raisedByZero.length);
  }
}

/** Writes the address of each code's pattern; returns that of an unlisted code. */
function writeCategories(
  memory: ModelMemory,
  place: { cuts: number; patterns: number },
  column: CategoryCuts,
  raised: number,
): number {
  const addresses = new Map<Uint8Array, number>();
  let free = place.patterns;
  const addressOf = (pattern: Uint8Array): number => {
    const known = addresses.get(pattern);
    if (known !== undefined) return known;
    const address = free;
    memory.bytes.set(scaled(pattern, raised), address);
    addresses.set(pattern, address);
    free += pattern.length;
    return address;
  };
  addressOf(column.raisedByMissing);
  const unlisted = addressOf(column.raisedByUnlisted);
  column.raisedByCode.forEach((pattern, code) => {
    memory.words[(place.cuts >> 2) + code] = addressOf(pattern);
  });
  return unlisted;
}

function scaled(pattern: Uint8Array, raised: number): Uint8Array {
  return pattern.map((flag) => flag * raised);
}
