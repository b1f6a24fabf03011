/** Cells are UTF-8, or windows-1252 (a superset of printable Latin-1, what "ANSI" exports hold) where they are not valid UTF-8. */
export type CsvEncoding = "utf-8" | "windows-1252";

const strictUtf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
const utf8Encoder = new TextEncoder();

// Bytes 0x80 to 0x9f as the WHATWG encoding standard maps them. Written out because older runtimes decode them as Latin-1.
const upperControls =
  "\u20ac\u0081\u201a\u0192\u201e\u2026\u2020\u2021\u02c6\u2030\u0160\u2039\u0152\u008d\u017d\u008f" +
  "\u0090\u2018\u2019\u201c\u201d\u2022\u2013\u2014\u02dc\u2122\u0161\u203a\u0153\u009d\u017e\u0178";

const windows1252ByteOf = new Map(
  Array.from(upperControls, (character, index) => [character, 0x80 + index] as const),
);

/** Undefined when the bytes are not valid UTF-8. */
export function decodeUtf8(bytes: Uint8Array): string | undefined {
  try {
    return strictUtf8.decode(bytes);
  } catch {
    return undefined;
  }
}

export function decodeWindows1252(bytes: Uint8Array): string {
  let text = "";
  for (const byte of bytes) {
    text += byte >= 0x80 && byte <= 0x9f ? upperControls[byte - 0x80] : String.fromCharCode(byte);
  }
  return text;
}

/** UTF-8 if the bytes are valid UTF-8, else windows-1252: a file glued together from both is still read rightly. */
export function decodeText(bytes: Uint8Array): string {
  return decodeUtf8(bytes) ?? decodeWindows1252(bytes);
}

/** A character that windows-1252 lacks becomes "?". */
export function encodeText(text: string, encoding: CsvEncoding): Uint8Array {
  if (encoding === "utf-8") return utf8Encoder.encode(text);
  const bytes: number[] = [];
  for (const character of text) {
    const code = character.codePointAt(0) ?? 0;
    const isDirect = code < 0x80 || (code >= 0xa0 && code <= 0xff);
    bytes.push(isDirect ? code : (windows1252ByteOf.get(character) ?? 0x3f));
  }
  return Uint8Array.from(bytes);
}
