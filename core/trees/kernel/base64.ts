const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
const digits = new Uint8Array(256).fill(255);
for (let i = 0; i < alphabet.length; i++) digits[alphabet.charCodeAt(i)] = i;

/** Undefined for what is not base64 with padding. */
export function decodeBase64(text: string): Uint8Array<ArrayBuffer> | undefined {
  if (text.length % 4 !== 0) return undefined;
  const padding = text.endsWith("==") ? 2 : text.endsWith("=") ? 1 : 0;
  const length = (text.length / 4) * 3 - padding;
  const bytes = new Uint8Array(length);
  const characters = text.length - padding;
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
