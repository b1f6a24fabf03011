/** Random numbers that a seed repeats: mulberry32. */
export class Random {
  #state: number;

  constructor(seed: number) {
    this.#state = seed >>> 0;
  }

  /** A whole number from 0, below the bound. */
  below(bound: number): number {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(this.#state ^ (this.#state >>> 15), this.#state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) % bound;
  }

  of<T>(items: readonly T[]): T {
    return items[this.below(items.length)] as T;
  }
}

const numbers = [
  "0", "-0", "-1", "1", "2", "3", "31", "32", "127", "128", "255", "256", "65535", "65536", "16777216", "2147483647",
  "2147483648", "-2147483648", "4294967295", "4294967296", "9007199254740993", "1e308", "1e999", "-1e999", "1e-45", "5e-324", "nan",
  "inf", "NaN", "Infinity", "0x10", "1e", ".5", "1.", "",
]; // biome-ignore format: a list

const bytesOfInterest = [0, 1, 0x20, 0x22, 0x2d, 0x30, 0x3d, 0x5b, 0x5d, 0x7b, 0x7d, 0x7f, 0x80, 0xff];
const maximumSteps = 4;

/** A changed copy of an input, no longer than `maximumBytes`. `others` lend their parts, `words` are what the format is made of. */
export function mutated(
  random: Random,
  input: Uint8Array,
  others: readonly Uint8Array[],
  words: readonly string[],
  maximumBytes: number,
): Uint8Array {
  let bytes = input;
  for (let steps = 1 + random.below(maximumSteps); steps > 0; steps--) {
    bytes = random
      .of(mutations)(random, bytes, { other: random.of(others), words })
      .subarray(0, maximumBytes);
  }
  return bytes;
}

interface Material {
  readonly other: Uint8Array;
  readonly words: readonly string[];
}
type Mutation = (random: Random, bytes: Uint8Array, material: Material) => Uint8Array;

const encoder = new TextEncoder();

const mutations: readonly Mutation[] = [
  function flipBit(random, bytes) {
    const copy = bytes.slice();
    const at = random.below(copy.length + 1);
    if (at < copy.length) copy[at] = (copy[at] as number) ^ (1 << random.below(8));
    return copy;
  },
  function setByte(random, bytes) {
    const copy = bytes.slice();
    copy[random.below(copy.length + 1)] = random.of(bytesOfInterest);
    return copy;
  },
  function replaceNumber(random, bytes) {
    const found = numberAt(bytes, random.below(bytes.length + 1));
    return found ? spliced(bytes, found.start, found.end, encoder.encode(random.of(numbers))) : bytes;
  },
  function replaceNumberByAnother(random, bytes) {
    const target = numberAt(bytes, random.below(bytes.length + 1));
    const source = numberAt(bytes, random.below(bytes.length + 1));
    if (!target || !source) return bytes;
    return spliced(bytes, target.start, target.end, bytes.subarray(source.start, source.end));
  },
  function insertWord(random, bytes, { words }) {
    const at = random.below(bytes.length + 1);
    return spliced(bytes, at, at, encoder.encode(random.of(words)));
  },
  function overwriteByWord(random, bytes, { words }) {
    const word = encoder.encode(random.of(words));
    const at = random.below(bytes.length + 1);
    return spliced(bytes, at, Math.min(bytes.length, at + word.length), word);
  },
  function removeRange(random, bytes) {
    const [start, end] = range(random, bytes.length);
    return spliced(bytes, start, end, new Uint8Array(0));
  },
  function repeatRange(random, bytes) {
    const [start, end] = range(random, bytes.length);
    return spliced(bytes, end, end, bytes.subarray(start, end));
  },
  function moveRange(random, bytes) {
    const [start, end] = range(random, bytes.length);
    const at = random.below(bytes.length + 1);
    return spliced(bytes, at, at, bytes.slice(start, end));
  },
  function takeFromOther(random, bytes, { other }) {
    const [start, end] = range(random, other.length);
    const at = random.below(bytes.length + 1);
    return spliced(
      bytes,
      at,
      Math.min(bytes.length, at + random.below(end - start + 1)),
      other.subarray(start, end),
    );
  },
  function cutOff(random, bytes) {
    return bytes.subarray(0, random.below(bytes.length + 1));
  },
  function widenInteger(random, bytes) {
    // Binary lengths and indices, big and little end first.
    const copy = bytes.slice();
    if (copy.length < 8) return copy;
    const view = new DataView(copy.buffer, copy.byteOffset, copy.byteLength);
    view.setInt32(
      random.below(copy.length - 3),
      random.of([0, -1, 1, 0x7fffffff, -0x80000000, 255, 65_536]),
      random.below(2) === 0,
    );
    return copy;
  },
];

/** Short ranges are likelier. */
function range(random: Random, length: number): [number, number] {
  const start = random.below(length + 1);
  const longest = random.of([4, 32, 256, 4_096]);
  return [start, Math.min(length, start + random.below(longest))];
}

function spliced(bytes: Uint8Array, start: number, end: number, inserted: Uint8Array): Uint8Array {
  const result = new Uint8Array(bytes.length - (end - start) + inserted.length);
  result.set(bytes.subarray(0, start));
  result.set(inserted, start);
  result.set(bytes.subarray(end), start + inserted.length);
  return result;
}

/** The next number written in digits, from a place on. */
function numberAt(bytes: Uint8Array, from: number): { start: number; end: number } | undefined {
  const isPart = (byte: number | undefined) =>
    byte !== undefined && ((byte >= 0x30 && byte <= 0x39) || byte === 0x2d || byte === 0x2e || byte === 0x65);
  const isDigit = (byte: number | undefined) => byte !== undefined && byte >= 0x30 && byte <= 0x39;
  let at = from;
  while (at < bytes.length && !isDigit(bytes[at])) at++;
  if (at >= bytes.length) return undefined;
  let start = at;
  while (start > 0 && isPart(bytes[start - 1])) start--;
  let end = at;
  while (isPart(bytes[end])) end++;
  return { start, end };
}
