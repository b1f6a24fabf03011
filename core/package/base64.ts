/** Base64 without Node: what the packages carry their signatures in. */
export { decodeBase64 } from "../trees/kernel/base64.ts";

export function encodeBase64(bytes: Uint8Array): string {
  let text = "";
  for (const byte of bytes) text += String.fromCharCode(byte);
  return btoa(text);
}
