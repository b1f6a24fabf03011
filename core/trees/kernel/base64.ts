const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
const digits = new Uint8Array(256).fill(255);
for (let i = 0; i < alphabet.length; i++) digits[alphabet.charCodeAt(i)] = i;

/** Node's decoder, where there is one: a process that has just started takes milliseconds for the loop below. */
const native = (
  globalThis as { Buffer?: { from(text: string, encoding: "base64"): Uint8Array<ArrayBuffer> } }
).Buffer;
/** The loop takes no longer for so many bytes. */
const smallest = 512;

/** Undefined for what is not base64 with padding. */
export function decodeBase64(text: string): Uint8Array<ArrayBuffer> | undefined {
  if (text.length % 4 !== 0) return undefined;
  const padding = text.endsWith("==") ? 2 : text.endsWith("=") ? 1 : 0;
  const length = (text.length / 4) * 3 - padding;
  if (native === undefined || length < smallest)
    return decodeByCharacter(text, text.length - padding, length);
  // It takes the letters of another alphabet too, and leaves out what is a letter of neither.
  if (text.includes("-") || text.includes("_")) return undefined;
  const bytes = native.from(text, "base64");
  if (bytes.length !== length) return undefined;
  // Small ones lie in a memory that they share with others.
  return bytes.buffer.byteLength === length ? bytes : new Uint8Array(bytes);
}

function decodeByCharacter(
  text: string,
  characters: number,
  length: number,
): Uint8Array<ArrayBuffer> | undefined {
  const bytes = new Uint8Array(length);
  let accumulator = 0;
  let bits = 0;
  let written = 0;
  for (let i = 0; i < characters; i++) {
    const code = text.charCodeAt(i);
    const digit = code < 256 ? (digits[code] as number) : 255;
    if (digit === 255) return undefined;
    accumulator = ((accumulator << 6) | digit) & 0xffffff;
    bits += 6;
    if (bits >= 8) {
      bits -= 8;
      bytes[written++] = accumulator >> bits;
    }
  }
  return bytes;
}
