import { Decimal } from "./decimal.ts";
import {
  DocumentReader,
  isSpace,
  maximumDepth,
  maximumTextBytes,
  strictUtf8,
  type ValueKind,
} from "./document-reader.ts";
import { NumberRuns } from "./number-runs.ts";

const quote = 0x22;
const comma = 0x2c;
const zero = 0x30;
const colon = 0x3a;
const openBracket = 0x5b;
const backslash = 0x5c;
const closeBracket = 0x5d;
const openBrace = 0x7b;
const closeBrace = 0x7d;

const maximumNumberBytes = 1_000;
/** Beside JSON's own, what XGBoost and Python write for numbers that JSON can't tell. */
const words: Readonly<Record<string, number | null>> = {
  true: 1,
  false: 0,
  null: null,
  NaN: Number.NaN,
  Infinity: Number.POSITIVE_INFINITY,
  "-Infinity": Number.NEGATIVE_INFINITY,
};

/** Reads JSON from its bytes, with the bare words NaN, Infinity and -Infinity for numbers. */
export class JsonReader extends DocumentReader {
  readonly #decimal = new Decimal();
  readonly #runs = new NumberRuns(this.bytes, ",");
  /** Where the next backslash stands, as far as it has been looked for. */
  #backslash = -1;
  /** What closes the values that `skip` is within. */
  readonly #closers = new Uint8Array(maximumDepth);

  static recognises(bytes: Uint8Array): boolean {
    let at = 0;
    while (at < bytes.length && isSpace(bytes[at])) at++;
    return bytes[at] === openBrace || bytes[at] === openBracket;
  }

  kind(): ValueKind {
    switch (this.#next()) {
      case openBrace:
        return "object";
      case openBracket:
        return "array";
      case quote:
        return "string";
      case 0x74:
      case 0x66:
        return "boolean";
      case 0x6e:
        return "null";
      default:
        return "number";
    }
  }

  object(member: (key: string) => void): void {
    const key = this.memberKeys();
    this.#expect(openBrace, "an object is expected");
    if (this.#takes(closeBrace)) return;
    do {
      if (this.#next() !== quote) this.fail("a key in quotes is expected");
      const name = key(this.string());
      this.#expect(colon, "a colon is expected");
      this.#next();
      this.within(name, () => member(name));
    } while (this.#goesOn(closeBrace));
  }

  array(item: (index: number) => void): void {
    this.#expect(openBracket, "an array is expected");
    if (this.#takes(closeBracket)) return;
    let index = 0;
    do {
      this.#next();
      this.within(index, () => item(index));
      index++;
    } while (this.#goesOn(closeBracket));
  }

  string(): string {
    const known = this.#next() === quote ? this.knownText(this.at + 1, quote, backslash) : undefined;
    if (known !== undefined) {
      // In quotes, and as long as it was: only ASCII is remembered.
      this.at += known.length + 2;
      return known;
    }
    const start = this.at;
    const isPlain = this.#passString();
    if (this.at - start > maximumTextBytes) this.fail(`a text of more than ${maximumTextBytes} bytes`);
    const text = isPlain ? this.textOf(start + 1, this.at - 1) : this.#unescaped(start);
    return text ?? this.fail("a text that is no valid UTF-8 or holds a wrong escape");
  }

  #unescaped(start: number): string | undefined {
    try {
      return JSON.parse(strictUtf8.decode(this.bytes.subarray(start, this.at)));
    } catch {
      return undefined;
    }
  }

  number(): number {
    this.#next();
    return this.#number();
  }

  numbers(): Float64Array<ArrayBuffer> {
    this.#expect(openBracket, "an array of numbers is expected");
    if (this.#takes(closeBracket)) return this.firstNumbers(0);
    let count = 0;
    let room = this.roomFor(1);
    do {
      if (count > 0) {
        const run = this.#runs.read(this.at);
        room = this.roomFor(count + run.length + 1);
        room.set(run, count);
        count += run.length;
        this.at = this.#runs.end;
      }
      this.#next();
      room[count] = this.#number();
      count++;
    } while (this.#goesOn(closeBracket));
    return this.firstNumbers(count);
  }

  /** Checks the form of what it passes over, without a call or an object a value. */
  skip(): void {
    const closers = this.#closers;
    const most = this.levelsLeft();
    let depth = 0;
    do {
      const byte = this.#next();
      if (byte === openBrace || byte === openBracket) {
        if (depth >= most) this.failOfDepth();
        // In ASCII, a closing brace or bracket stands two behind the opening one.
        closers[depth++] = byte + 2;
        this.at++;
        if (this.#next() !== byte + 2) {
          if (byte === openBrace) this.#passKey();
          continue;
        }
        this.at++;
        depth--;
      } else if (byte === quote) this.#passString();
      else this.#passNumber(true);
      while (depth > 0) {
        const closer = closers[depth - 1] as number;
        if (this.#goesOn(closer)) {
          if (closer === closeBrace) this.#passKey();
          else {
            this.#runs.read(this.at);
            this.at = this.#runs.end;
          }
          break;
        }
        depth--;
      }
    } while (depth > 0);
  }

  end(): void {
    this.#pass();
    if (this.at < this.bytes.length) this.fail("text after the document's end");
  }

  #passKey(): void {
    if (this.#next() !== quote) this.fail("a key in quotes is expected");
    this.#passString();
    this.#expect(colon, "a colon is expected");
  }

  #pass(): void {
    while (this.at < this.bytes.length && isSpace(this.bytes[this.at])) this.at++;
  }

  /** The byte that comes next, after white space. */
  #next(): number {
    this.#pass();
    return this.bytes[this.at] ?? this.fail("the file ends too early");
  }

  #expect(byte: number, problem: string): void {
    if (this.#next() !== byte) this.fail(problem);
    this.at++;
  }

  #takes(byte: number): boolean {
    if (this.#next() !== byte) return false;
    this.at++;
    return true;
  }

  #goesOn(close: number): boolean {
    const byte = this.#next();
    if (byte !== comma && byte !== close) this.fail(`a comma or "${String.fromCharCode(close)}" is expected`);
    this.at++;
    return byte === comma;
  }

  /** Tells whether the text holds no escape. */
  #passString(): boolean {
    if (this.#next() !== quote) this.fail("a text in quotes is expected");
    const { bytes } = this;
    let end = bytes.indexOf(quote, this.at + 1);
    if (this.#backslash < this.at) {
      const found = bytes.indexOf(backslash, this.at);
      this.#backslash = found < 0 ? bytes.length : found;
    }
    const isPlain = end < this.#backslash;
    if (!isPlain && end >= 0) {
      end = this.#backslash;
      while (end < bytes.length && bytes[end] !== quote) end += bytes[end] === backslash ? 2 : 1;
    }
    if (end < 0 || end >= bytes.length) this.fail("a text without an end");
    this.at = end + 1;
    return isPlain;
  }

  #number(): number {
    const word = this.#passNumber(false);
    if (word !== undefined) return word;
    const value = this.#decimal.valueIn(this.bytes);
    // "-0" is an integer, which has no negative zero.
    const isInteger = !this.#decimal.hasPoint && !this.#decimal.hasExponent;
    return value === 0 && isInteger ? 0 : value;
  }

  /** Passes over a number; gives what a word says that stands for one. */
  #passNumber(orNull: boolean): number | undefined {
    const { bytes } = this;
    const start = this.at;
    const decimal = this.#decimal;
    const end = bytes[start] === 0x2b ? start : decimal.pass(bytes, start);
    if (end === start || decimal.integerDigits === 0) return this.#word(start, orNull);
    if (decimal.integerDigits > 1 && bytes[decimal.isNegative ? start + 1 : start] === zero) {
      this.fail("a number that starts with 0");
    }
    if (decimal.hasPoint && decimal.fractionDigits === 0) this.fail("a number that ends in a point");
    if (decimal.hasExponent && decimal.exponentDigits === 0) {
      this.fail("a number without digits in its exponent");
    }
    if (end - start > maximumNumberBytes) this.fail(`a number of more than ${maximumNumberBytes} bytes`);
    this.at = end;
    return undefined;
  }

  #word(start: number, orNull: boolean): number {
    const text = String.fromCharCode(...this.bytes.subarray(start, start + 9));
    const word = /^-?[A-Za-z]*/.exec(text)?.[0] ?? "";
    const value = Object.hasOwn(words, word) ? words[word] : undefined;
    if (value === undefined || (value === null && !orNull)) return this.fail("a number is expected");
    this.at = start + word.length;
    return value ?? 0;
  }
}
