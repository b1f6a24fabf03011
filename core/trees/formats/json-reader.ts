import { DocumentReader, maximumTextBytes, strictUtf8, type ValueKind } from "./document-reader.ts";

const quote = 0x22;
const comma = 0x2c;
const minus = 0x2d;
const point = 0x2e;
const zero = 0x30;
const nine = 0x39;
const colon = 0x3a;
const openBracket = 0x5b;
const backslash = 0x5c;
const closeBracket = 0x5d;
const openBrace = 0x7b;
const closeBrace = 0x7d;

const maximumNumberBytes = 1_000;
/** Powers of ten that a double holds exactly. */
const powersOfTen = Float64Array.from({ length: 23 }, (_, exponent) => Number(`1e${exponent}`));
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
    this.#members(this.memberKeys(), member);
  }

  #members(key: (name: string) => string, member: (key: string) => void): void {
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
    const start = this.at;
    const isPlain = this.#passString();
    if (this.at - start > maximumTextBytes) this.fail(`a text of more than ${maximumTextBytes} bytes`);
    try {
      const text = strictUtf8.decode(this.bytes.subarray(start, this.at));
      return isPlain ? text.slice(1, -1) : JSON.parse(text);
    } catch {
      return this.fail("a text that is no valid UTF-8 or holds a wrong escape");
    }
  }

  number(): number {
    const byte = this.#next();
    if (byte === quote || byte === openBrace || byte === openBracket) this.fail("a number is expected");
    return this.#number();
  }

  numbers(): Float64Array<ArrayBuffer> {
    this.#expect(openBracket, "an array of numbers is expected");
    if (this.#takes(closeBracket)) return new Float64Array(0);
    let count = 0;
    let room = this.roomFor(1);
    do {
      this.#next();
      if (count === room.length) room = this.roomFor(count + 1);
      room[count] = this.#number();
      count++;
    } while (this.#goesOn(closeBracket));
    return room.slice(0, count);
  }

  skip(): void {
    switch (this.#next()) {
      case openBrace:
        this.#members(asItIs, ignore);
        return;
      case openBracket:
        this.#skipArray();
        return;
      case quote:
        this.#passString();
        return;
      default:
        this.#number(true);
    }
  }

  end(): void {
    this.#pass();
    if (this.at < this.bytes.length) this.fail("text after the document's end");
  }

  /** Arrays of numbers, which are most of a file, without a call an item. */
  #skipArray(): void {
    this.#expect(openBracket, "an array is expected");
    if (this.#takes(closeBracket)) return;
    let index = 0;
    do {
      const byte = this.#next();
      if (byte === openBrace || byte === openBracket || byte === quote) this.within(index, () => this.skip());
      else this.#number(true);
      index++;
    } while (this.#goesOn(closeBracket));
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
    let isPlain = true;
    for (let at = this.at + 1; at < bytes.length; at++) {
      const byte = bytes[at];
      if (byte === quote) {
        this.at = at + 1;
        return isPlain;
      }
      if (byte === backslash) {
        isPlain = false;
        at++;
      }
    }
    return this.fail("a text without an end");
  }

  /**
   * A number or a word that stands for one. Up to 15 digits and powers of ten up to 10^22 are exact doubles, of which one
   * operation makes the nearest double; the rare others are left to JavaScript.
   */
  #number(orNull = false): number {
    const { bytes } = this;
    const start = this.at;
    let at = start;
    const isNegative = bytes[at] === minus;
    if (isNegative) at++;
    let digits = 0;
    let mantissa = 0;
    let scale = 0;
    let isInteger = true;
    const firstDigit = at;
    for (let byte = bytes[at] ?? 0; byte >= zero && byte <= nine; byte = bytes[++at] ?? 0) {
      mantissa = mantissa * 10 + (byte - zero);
      digits++;
    }
    if (digits === 0) return this.#word(start, orNull);
    if (digits > 1 && bytes[firstDigit] === zero) this.fail("a number that starts with 0");
    if (bytes[at] === point) {
      isInteger = false;
      const before = digits;
      at++;
      for (let byte = bytes[at] ?? 0; byte >= zero && byte <= nine; byte = bytes[++at] ?? 0) {
        mantissa = mantissa * 10 + (byte - zero);
        digits++;
      }
      scale = before - digits;
      if (scale === 0) this.fail("a number that ends in a point");
    }
    if (bytes[at] === 0x65 || bytes[at] === 0x45) {
      isInteger = false;
      at++;
      const isDivided = bytes[at] === minus;
      if (isDivided || bytes[at] === 0x2b) at++;
      const first = at;
      let exponent = 0;
      for (let byte = bytes[at] ?? 0; byte >= zero && byte <= nine; byte = bytes[++at] ?? 0) {
        exponent = Math.min(exponent * 10 + (byte - zero), 100_000);
      }
      if (at === first) this.fail("a number without digits in its exponent");
      scale += isDivided ? -exponent : exponent;
    }
    if (at - start > maximumNumberBytes) this.fail(`a number of more than ${maximumNumberBytes} bytes`);
    this.at = at;
    if (digits > 15 || scale > 22 || scale < -22) {
      return Number(String.fromCharCode(...bytes.subarray(start, at)));
    }
    const power = powersOfTen[Math.abs(scale)] as number;
    const value = scale < 0 ? mantissa / power : mantissa * power;
    // "-0" is an integer, which has no negative zero.
    return isNegative ? (isInteger ? 0 - value : -value) : value;
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

const asItIs = (name: string) => name;
const ignore = () => {};

function isSpace(byte: number | undefined): boolean {
  return byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09;
}
