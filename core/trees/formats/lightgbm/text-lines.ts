import { ModelFileError } from "../../model-file-error.ts";
import { Decimal } from "../decimal.ts";
import { NumberRuns } from "../number-runs.ts";

/** A line of a model file: `key=value`, or words without `=`, which are then the key. */
export interface TextLine {
  /** Counted from 1. */
  readonly number: number;
  readonly key: string;
  readonly hasValue: boolean;
  /** Where the value starts and ends in the file's bytes. */
  readonly start: number;
  readonly end: number;
}

const lineFeed = 10;
const carriageReturn = 13;
const space = 32;
const equals = 61;
const longestKey = 64;
const longestNumber = 64;
const noWords: ReadonlyMap<string, number> = new Map();
const latin1 = new TextDecoder("latin1");
const utf8 = new TextDecoder("utf-8", { fatal: true });

/**
 * Walks through a text line by line, and reads numbers out of it, without ever making a text of the whole or of a long
 * line. What is declared is believed only if the line is long enough to hold it.
 */
export class TextLines {
  readonly #bytes: Uint8Array;
  readonly #decimal = new Decimal();
  readonly #runs: NumberRuns;
  #position = 0;
  #number = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
    this.#runs = new NumberRuns(bytes, " ");
  }

  /** The next line, blank ones left out; undefined at the end. */
  next(): TextLine | undefined {
    this.#skipBlank();
    return this.#position < this.#bytes.length ? this.#read() : undefined;
  }

  /** The next line; undefined if it is blank or the end. */
  nextOfBlock(): TextLine | undefined {
    const byte = this.#bytes[this.#position];
    return byte === undefined || byte === lineFeed || byte === carriageReturn ? undefined : this.#read();
  }

  #skipBlank(): void {
    let byte = this.#bytes[this.#position];
    while (byte === lineFeed || byte === carriageReturn) {
      if (byte === lineFeed) this.#number++;
      byte = this.#bytes[++this.#position];
    }
  }

  #read(): TextLine {
    const bytes = this.#bytes;
    const start = this.#position;
    const found = bytes.indexOf(lineFeed, start);
    const next = found < 0 ? bytes.length : found;
    const end = next > start && bytes[next - 1] === carriageReturn ? next - 1 : next;
    this.#position = Math.min(next + 1, bytes.length);
    const number = ++this.#number;
    const sign = bytes.subarray(start, Math.min(end, start + longestKey + 1)).indexOf(equals);
    const keyEnd = sign < 0 ? Math.min(end, start + longestKey) : start + sign;
    const key = latin1.decode(bytes.subarray(start, keyEnd));
    return { number, key, hasValue: sign >= 0, start: sign < 0 ? end : keyEnd + 1, end };
  }

  /** One whole number. */
  integer(line: TextLine, minimum: number, maximum: number): number {
    return this.integers(line, 1, minimum, maximum)[0] as number;
  }

  integers(line: TextLine, count: number, minimum: number, maximum: number): Int32Array {
    return this.#fill(line, count, Int32Array, { minimum, maximum }, (from, to) =>
      this.#wholeNumber(line, from, to, minimum, maximum),
    );
  }

  /** Whole numbers of 32 bits without a sign. */
  words(line: TextLine, count: number): Uint32Array {
    const limits = { minimum: 0, maximum: 0xffffffff };
    return this.#fill(line, count, Uint32Array, limits, (from, to) =>
      this.#wholeNumber(line, from, to, limits.minimum, limits.maximum),
    );
  }

  /** Numbers as C writes them, not hexadecimal. `words`: what a number may be beside the finite ones, such as `inf`. */
  doubles(line: TextLine, count: number, words: ReadonlyMap<string, number> = noWords): Float64Array {
    const bytes = this.#bytes;
    const decimal = this.#decimal;
    return this.#fill(line, count, Float64Array, undefined, (from, to) => {
      const isDecimal =
        decimal.pass(bytes, from) === to &&
        decimal.integerDigits + decimal.fractionDigits > 0 &&
        !(decimal.hasExponent && decimal.exponentDigits === 0);
      const value = isDecimal && to - from < longestNumber ? decimal.valueIn(bytes) : Number.NaN;
      if (Number.isFinite(value)) return value;
      const text = latin1.decode(bytes.subarray(from, Math.min(to, from + longestNumber)));
      return words.get(text) ?? refuse(line, `"${shown(text)}" is not a finite decimal number`);
    });
  }

  /** The words of the value: at least and at most so many. */
  texts(line: TextLine, least: number, most: number): string[] {
    let count = 0;
    this.#tokens(line, (_from, to) => {
      count++;
      return to;
    });
    if (count > most) refuse(line, `holds more than the ${most} expected words`);
    if (count < least) refuse(line, `holds ${count} of the ${least} expected words`);
    const words = this.#text(line).split(" ");
    return words.length === count ? words : words.filter((word) => word !== "");
  }

  #text(line: TextLine): string {
    try {
      return utf8.decode(this.#bytes.subarray(line.start, line.end));
    } catch {
      return refuse(line, "is not UTF-8 text");
    }
  }

  #wholeNumber(line: TextLine, from: number, to: number, minimum: number, maximum: number): number {
    const bytes = this.#bytes;
    const isNegative = bytes[from] === 45;
    const first = isNegative ? from + 1 : from;
    let value = first < to && to - first <= 10 ? 0 : Number.NaN;
    for (let at = first; at < to && !Number.isNaN(value); at++) {
      const digit = (bytes[at] as number) - 48;
      value = digit >= 0 && digit <= 9 ? value * 10 + digit : Number.NaN;
    }
    if (isNegative) value = -value;
    if (!(value >= minimum && value <= maximum)) {
      const text = shown(latin1.decode(bytes.subarray(from, Math.min(to, from + longestNumber))));
      refuse(line, `"${text}" is not a whole number from ${minimum} to ${maximum}`);
    }
    return value;
  }

  #fill<Numbers extends Int32Array | Uint32Array | Float64Array>(
    line: TextLine,
    count: number,
    kind: new (length: number) => Numbers,
    whole: { readonly minimum: number; readonly maximum: number } | undefined,
    read: (from: number, to: number) => number,
  ): Numbers {
    // A number takes a character at least, and a space after it.
    const most = Math.ceil((line.end - line.start) / 2);
    if (count > most) refuse(line, `holds at most ${most} of the ${count} expected numbers`);
    const numbers = new kind(count);
    let found = 0;
    let inRuns = true;
    this.#tokens(line, (from, to) => {
      if (found === count) refuse(line, `holds more than the ${count} expected numbers`);
      numbers[found++] = read(from, to);
      if (!inRuns || this.#bytes[to] !== space) return to;
      const run = this.#runs.read(to + 1, whole !== undefined);
      // What doesn't belong there is found number by number.
      inRuns = run.length <= count - found && (whole === undefined || isWithin(run, whole));
      if (!inRuns) return to;
      numbers.set(run, found);
      found += run.length;
      return this.#runs.end;
    });
    if (found < count) refuse(line, `holds ${found} of the ${count} expected numbers`);
    return numbers;
  }

  /** `use` returns where to go on. */
  #tokens(line: TextLine, use: (from: number, to: number) => number): void {
    const bytes = this.#bytes;
    let at = line.start;
    while (at < line.end) {
      if (bytes[at] === space) {
        at++;
        continue;
      }
      const from = at;
      while (at < line.end && bytes[at] !== space) at++;
      at = use(from, at);
    }
  }
}

function isWithin(
  numbers: Float64Array,
  { minimum, maximum }: { readonly minimum: number; readonly maximum: number },
): boolean {
  for (let i = 0; i < numbers.length; i++) {
    const number = numbers[i] as number;
    if (number < minimum || number > maximum) return false;
  }
  return true;
}

/** Throws what is wrong with a line, and which it is. */
export function refuse(line: TextLine, problem: string): never {
  throw new ModelFileError(`${shown(line.key)}: ${problem}`, `line ${line.number}`);
}

/** Text of a file for a message: short, and without control characters. */
export function shown(text: string): string {
  const clean = text.replace(/[^\x20-\x7e]/g, "?");
  return clean.length > 40 ? `${clean.slice(0, 40)}…` : clean;
}
