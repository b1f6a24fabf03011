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
  const bare = bareText(format);
  return (text) => {
    const number = plain(text);
    if (!Number.isNaN(number)) return number;
    const written = any(text);
    if (bare === undefined || !Number.isNaN(written)) return written;
    const rest = bare(text);
    return rest === undefined ? Number.NaN : any(rest);
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

/** Takes the affixes and parentheses of a format off a text; undefined where they stand as they must not, or none is declared. */
function bareText({
  affixes = [],
  negativeInParentheses,
}: NumberFormat): ((text: string) => string | undefined) | undefined {
  if (affixes.length === 0 && negativeInParentheses !== true) return undefined;
  const longestFirst = affixes.toSorted((a, b) => b.length - a.length);
  return (text) => {
    const trimmed = text.trim();
    const outside = withoutAffixes(trimmed, longestFirst);
    if (negativeInParentheses !== true || !/^\(.*\)$/s.test(outside)) return outside;
    const inside = outside.slice(1, -1).trim();
    // Affixes stand inside or outside, not both.
    const unsigned = outside === trimmed ? withoutAffixes(inside, longestFirst) : inside;
    return /^[+-]/.test(unsigned) ? undefined : `-${unsigned}`;
  };
}

/** Without at most one affix at each end, and the white space that sets it off; a sign may stand before the first. */
function withoutAffixes(text: string, longestFirst: readonly string[]): string {
  const sign = /^[+-]?/.exec(text)?.[0] ?? "";
  let rest = text.slice(sign.length);
  const before = longestFirst.find((affix) => rest.startsWith(affix));
  if (before !== undefined) {
    const behind = rest.slice(before.length).trim();
    // With "Rs" declared, "Rs.500" is not a half: behind an affix a number begins with a digit.
    if (!/^(?:[+-]?\d|\()/.test(behind)) return text;
    rest = behind;
  }
  const after = longestFirst.find((affix) => rest.endsWith(affix));
  if (after !== undefined) rest = rest.slice(0, -after.length).trim();
  return sign + rest;
}
