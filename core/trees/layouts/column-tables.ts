import { BLOCK, columnFields, columnKind, SLACK, searchBytes } from "../kernel/kernels.ts";
import type { MemoryPlan, ModelMemory } from "../kernel/model-memory.ts";
import { type CategoryCuts, type Cuts, flagsOf, type NumericCuts } from "./cuts.ts";

/** What kernel/assembly/flags.ts reads: a descriptor a column, its cuts under blocks that lead to them, and patterns of flags. */
export interface ColumnTables {
  readonly columns: number;
  readonly end: number;
  /** The topmost blocks of columns with more than one level, together. */
  readonly heads: number;
  /** Room for what a search keeps of a column. */
  readonly searches: number;
  /** 1: numbers are float32. */
  readonly single: number;
  /** Writes everything; `raised` is the value of a raised flag, `room`: 9 bytes a flag of the longest column, for a moment. */
  write(memory: ModelMemory, raised: number, room: number): void;
  /** The most flags of a column. */
  readonly longest: number;
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
  const isTall = (column: Cuts["columns"][number]) => column.kind === "numeric" && flagsOf(column) > BLOCK;
  const heads = plan.reserve(columns.filter(isTall).length * BLOCK * bytesPerCut);
  const searches = plan.reserve(columns.length * searchBytes);
  const most = columns.reduce((highest, column) => Math.max(highest, flagsOf(column)), 0);
  const step = plan.reserve(2 * most + SLACK) + most;
  const places = columns.map((column) => {
    const count = flagsOf(column);
    if (column.kind === "categories") {
      const distinct = new Set(column.raisedByCode).size;
      return {
        cuts: plan.reserve(column.raisedByCode.length * 4),
        patterns: plan.reserve((2 + distinct) * count + SLACK),
      };
    }
    return {
      cuts: plan.reserve(blockLevels(count).reduce((sum, blocks) => sum + blocks, 0) * BLOCK * bytesPerCut),
      patterns: plan.reserve((column.zeroMissing === undefined ? 1 : 2) * count + SLACK),
    };
  });

  return {
    columns: first,
    end: first + columns.length * columnFields * 4,
    heads,
    searches,
    single: rules.isSingle ? 1 : 0,
    longest: most,
    write(memory, raised, room) {
      memory.bytes.fill(raised, step - most, step);
      let head = heads;
      columns.forEach((column, index) => {
        const place = places[index] as (typeof places)[number];
        const kind =
          column.kind === "numeric"
            ? (rules.flushTiny ? columnKind.flushTiny : 0) +
              (column.zeroMissing !== undefined ? columnKind.zeroPattern : 0)
            : columnKind.categories + (rules.keepNegativeFraction ? columnKind.keepNegativeFraction : 0);
        const levels =
          column.kind === "numeric"
            ? writeBlocks(memory, place.cuts, column.cuts, rules.isSingle, room)
            : column.raisedByCode.length;
        if (isTall(column)) {
          memory.bytes.copyWithin(head, place.cuts, place.cuts + BLOCK * bytesPerCut);
          head += BLOCK * bytesPerCut;
        }
        const unlisted = column.kind === "numeric" ? step : writeCategories(memory, place, column, raised);
        if (column.kind === "numeric") writePatterns(memory, place.patterns, column, raised, room);
        memory.words.set(
          [
            kind + (rules.isSingle ? columnKind.single : 0),
            column.feature * 8,
            place.cuts,
            levels,
            column.firstFlag,
            flagsOf(column),
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

/** Returns the number of levels. */
function writeBlocks(
  { kernels, doubles }: ModelMemory,
  at: number,
  cuts: Float64Array,
  isSingle: boolean,
  room: number,
): number {
  const levels = blockLevels(cuts.length).length;
  doubles.set(cuts, room >> 3);
  kernels.writeBlocks(room, cuts.length, levels, at, isSingle ? 1 : 0);
  return levels;
}

/** The flags of a missing value and, where it may count as one, of zero. */
function writePatterns(
  { kernels, bytes }: ModelMemory,
  at: number,
  { cuts, missingLeft, zeroMissing }: NumericCuts,
  raised: number,
  room: number,
): void {
  const count = missingLeft.length;
  bytes.set(missingLeft, room);
  kernels.writePattern(room, count, at, raised);
  zeroMissing?.forEach((isMissing, cut) => {
    const isRaised = isMissing === 1 ? missingLeft[cut] === 0 : 0 > (cuts[cut] as number);
    bytes[at + count + cut] = isRaised ? raised : 0;
  });
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
