const encoder = new TextEncoder();

/** Bytes that grow as they are written. */
export class GrowingBytes {
  length = 0;
  #bytes: Uint8Array<ArrayBuffer>;

  constructor(capacity: number) {
    this.#bytes = new Uint8Array(capacity);
  }

  append(bytes: Uint8Array, start: number, end: number): void {
    this.#reserve(end - start);
    this.#bytes.set(bytes.subarray(start, end), this.length);
    this.length += end - start;
  }

  /** As UTF-8. Most texts are short and ASCII, where a loop is quicker than the encoder. */
  appendText(text: string): void {
    this.#reserve(text.length * 3);
    const bytes = this.#bytes;
    let position = this.length;
    for (let index = 0; index < text.length; index++) {
      const code = text.charCodeAt(index);
      if (code >= 0x80) {
        position += encoder.encodeInto(text.slice(index), bytes.subarray(position)).written;
        break;
      }
      bytes[position++] = code;
    }
    this.length = position;
  }

  /** The bytes so far, in a buffer of their own length that can be handed to another thread. */
  take(): Uint8Array<ArrayBuffer> {
    return this.#bytes.slice(0, this.length);
  }

  #reserve(more: number): void {
    if (this.length + more <= this.#bytes.length) return;
    const larger = new Uint8Array(Math.max(this.length + more, this.#bytes.length * 2));
    larger.set(this.#bytes.subarray(0, this.length));
    this.#bytes = larger;
  }
}
