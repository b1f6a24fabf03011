const point = 0x2e;
const zero = 0x30;
const nine = 0x39;
const plus = 0x2b;
const minus = 0x2d;

/** Powers of ten that a double holds exactly. */
const powersOfTen = Float64Array.from({ length: 23 }, (_, exponent) => Number(`1e${exponent}`));
const greatestPower = powersOfTen.length - 1;
/** Whole numbers up to it are exact doubles. */
const exactEnd = 2 ** 53;

/**
 * Passes over a decimal number in ASCII bytes and, if asked, makes the nearest double of it. What a format allows of it (a
 * leading zero, digits on both sides of the point) is for its reader to say. One is used for all numbers of a file, so that
 * none of them needs an object.
 */
export class Decimal {
  /** Digits before and after the point. */
  integerDigits = 0;
  fractionDigits = 0;
  hasPoint = false;
  hasExponent = false;
  exponentDigits = 0;
  isNegative = false;
  #start = 0;
  #end = 0;
  #mantissa = 0;
  #scale = 0;

  /** Tells where the number ends that starts at `start`: there, where there is none. */
  pass(bytes: Uint8Array, start: number): number {
    let at = start;
    this.isNegative = bytes[at] === minus;
    if (this.isNegative || bytes[at] === plus) at++;
    let mantissa = 0;
    let from = at;
    for (let byte = bytes[at] ?? 0; byte >= zero && byte <= nine; byte = bytes[++at] ?? 0) {
      mantissa = mantissa * 10 + (byte - zero);
    }
    this.integerDigits = at - from;
    this.fractionDigits = 0;
    this.hasPoint = bytes[at] === point;
    if (this.hasPoint) {
      from = ++at;
      for (let byte = bytes[at] ?? 0; byte >= zero && byte <= nine; byte = bytes[++at] ?? 0) {
        mantissa = mantissa * 10 + (byte - zero);
      }
      this.fractionDigits = at - from;
    }
    let scale = -this.fractionDigits;
    this.exponentDigits = 0;
    this.hasExponent = (bytes[at] === 0x65 || bytes[at] === 0x45) && at > start;
    if (this.hasExponent) {
      at++;
      const isDivided = bytes[at] === minus;
      if (isDivided || bytes[at] === plus) at++;
      from = at;
      let exponent = 0;
      for (let byte = bytes[at] ?? 0; byte >= zero && byte <= nine; byte = bytes[++at] ?? 0) {
        exponent = Math.min(exponent * 10 + (byte - zero), 100_000);
      }
      this.exponentDigits = at - from;
      scale += isDivided ? -exponent : exponent;
    }
    this.#start = start;
    this.#end = at;
    this.#mantissa = mantissa;
    this.#scale = scale;
    return at;
  }

  /**
   * The number passed last. Where mantissa and power of ten are exact doubles, one operation makes the nearest double
   * (Clinger 1990); the others are left to JavaScript.
   */
  valueIn(bytes: Uint8Array): number {
    const scale = this.#scale;
    if (!(this.#mantissa < exactEnd && scale <= greatestPower && scale >= -greatestPower)) {
      return Number(String.fromCharCode.apply(null, bytes.subarray(this.#start, this.#end) as never));
    }
    const power = powersOfTen[Math.abs(scale)] as number;
    const value = scale < 0 ? this.#mantissa / power : this.#mantissa * power;
    return this.isNegative ? -value : value;
  }
}
