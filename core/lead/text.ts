/** Texts as docs/feature-spec.md compares them: ECMAScript white space, and a case-fold that no Unicode version changes. */
import type { Normalisation } from "../spec/schema.ts";

export const maximumTextLength = 32_768;

const whiteSpaceRun = /[\t\n\v\f\r \u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000\ufeff]+/g;
// Only these can need work: white space that is not a single U+0020 between other characters.
const hasUnevenSpace = /[\t\n\v\f\r\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000\ufeff]| {2}/;

/** `String.prototype.trim` removes exactly the white space of the contract. */
export function trim(text: string): string {
  return text.trim();
}

export function collapseSpaces(text: string): string {
  return hasUnevenSpace.test(text) ? text.replace(whiteSpaceRun, " ") : text;
}

/** Lower-cases each code point in U+0000-U+058F and U+1E00-U+1FFF whose lower case is a single code point. */
export function caseFold(text: string): string {
  let folded = "";
  let copiedUpTo = 0;
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    const lower = lowerCaseOf(code);
    if (lower === code) continue;
    folded += text.slice(copiedUpTo, i) + String.fromCharCode(lower);
    copiedUpTo = i + 1;
  }
  return copiedUpTo === 0 ? text : folded + text.slice(copiedUpTo);
}

function lowerCaseOf(code: number): number {
  if (code < 0x80) return code >= 0x41 && code <= 0x5a ? code + 32 : code;
  if (code > 0x58f && (code < 0x1e00 || code > 0x1fff)) return code;
  const lower = String.fromCharCode(code).toLowerCase();
  return lower.length === 1 ? lower.charCodeAt(0) : code;
}

export function normaliser(steps: readonly Normalisation[]): (text: string) => string {
  const trims = steps.includes("trim");
  const collapses = steps.includes("collapse-spaces");
  const folds = steps.includes("case-fold");
  return (text) => {
    let result = text;
    if (trims) result = trim(result);
    if (collapses) result = collapseSpaces(result);
    return folds ? caseFold(result) : result;
  };
}

/** Headers are compared by this when they are not equal. */
export const headerKey: (header: string) => string = normaliser(["trim", "collapse-spaces", "case-fold"]);

const suspicious = /[\0\ud800-\udfff]/;
const loneSurrogate = /\p{Surrogate}/u;

/** Why a text cannot be used at all, or undefined. */
export function textProblem(text: string): string | undefined {
  if (text.length > maximumTextLength) {
    return `has ${text.length} characters; at most ${maximumTextLength} are allowed`;
  }
  if (!suspicious.test(text)) return undefined;
  if (text.includes("\0")) return "contains a NUL character; remove it";
  return loneSurrogate.test(text)
    ? "contains half of a surrogate pair, so it is not valid Unicode"
    : undefined;
}
