/** Texts to numbers by rule 3 of docs/feature-spec.md. */
import type { NumberFormat } from "../spec/schema.ts";

export const defaultNumberFormat: NumberFormat = { decimal: ".", group: null };

const zero = 48;
const nine = 57;
const powersOfTen = Array.from({ length: 23 }, (_, exponent) => 10 ** exponent);

/** Answers the number, NaN where the text is none, or an infinity where it is too large for a double. -0 becomes 0. */
export function numberParser(format: NumberFormat): (text: string) => number {
  const plain = plainDecimalParser(format);
  const any = anyNumberParser(format);
  return (text) => {
    const number = plain(text);
    return Number.isNaN(number) ? any(text) : number;
  };
}

/**
 * Digits with at most one decimal mark and 15 digits in all: mantissa and power of ten are exact doubles, so that one
 * division rounds once, to the nearest. Most cells of a file are such. NaN: not of this form.
 */
export function plainDecimalParser(format: NumberFormat): (text: string) => number {
  const decimal = format.decimal.charCodeAt(0);
  return (text) => {
    const length = text.length;
    if (length > 16) return Number.NaN;
    let mantissa = 0;
    let digits = 0;
    let firstFractionDigit = -1;
    for (let i = 0; i < length; i++) {
      const code = text.charCodeAt(i);
      if (code >= zero && code <= nine) {
        mantissa = mantissa * 10 + (code - zero);
        digits++;
      } else if (code === decimal && firstFractionDigit < 0) firstFractionDigit = digits;
      else return Number.NaN;
    }
    if (digits === 0 || digits > 15) return Number.NaN;
    return firstFractionDigit < 0
      ? mantissa
      : mantissa / (powersOfTen[digits - firstFractionDigit] as number);
  };
}

function anyNumberParser({ decimal, group }: NumberFormat): (text: string) => number {
  const mark = `\\${decimal}`;
  const integer = group == null ? "\\d+" : `(?:\\d+|\\d{1,3}(?:\\${group}\\d{3})+)`;
  const pattern = new RegExp(`^[+-]?(?:${integer}(?:${mark}\\d*)?|${mark}\\d+)(?:[eE][+-]?\\d+)?$`);
  return (text) => {
    const trimmed = text.trim();
    if (!pattern.test(trimmed)) return Number.NaN;
    let plain = group == null ? trimmed : trimmed.replaceAll(group, "");
    if (decimal === ",") plain = plain.replace(",", ".");
    return Number(plain) + 0; // -0 + 0 is 0
  };
}
