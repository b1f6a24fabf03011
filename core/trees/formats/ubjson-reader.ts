import { DocumentReader, maximumTextBytes, strictUtf8, type ValueKind } from "./document-reader.ts";

/** Bytes of a number, by its marker. */
const widths: Readonly<Record<string, number>> = { i: 1, U: 1, I: 2, l: 4, L: 8, d: 4, D: 8 };
/** Of a value without a body. */
const constants: Readonly<Record<string, number>> = { T: 1, F: 0 };

/** Reads UBJSON (draft 12), big-endian, from its bytes: containers with or without a count, typed arrays of numbers. */
export class UbjsonReader extends DocumentReader {
  readonly #view: DataView;
  /** Marker of the items of the typed array at work, which have none of their own. */
  #itemMarker: string | undefined;

  constructor(bytes: Uint8Array) {
    super(bytes);
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  /** JSON's objects start with a brace too, but no key of JSON with these markers. */
  static recognises(bytes: Uint8Array): boolean {
    return (
      bytes[0] === 0x7b && bytes.length > 1 && "iUIlL#$".includes(String.fromCharCode(bytes[1] as number))
    );
  }

  kind(): ValueKind {
    const marker = this.#peek();
    switch (marker) {
      case "{":
        return "object";
      case "[":
        return "array";
      case "S":
      case "C":
        return "string";
      case "T":
      case "F":
        return "boolean";
      case "Z":
        return "null";
      default:
        return "number";
    }
  }

  object(member: (key: string) => void): void {
    this.#members(this.memberKeys(), member);
  }

  #members(key: (name: string) => string, member: (key: string) => void): void {
    this.#expect("{", "an object is expected");
    const read = () => {
      const name = key(this.#text(this.#length()));
      this.#peek();
      this.within(name, () => member(name));
    };
    if (this.#peek() === "$") this.fail("an object with a type for its values isn't supported");
    if (this.#takes("#")) {
      const count = this.#length();
      for (let i = 0; i < count; i++) read();
      return;
    }
    while (!this.#takes("}")) read();
  }

  array(item: (index: number) => void): void {
    const { marker, count } = this.#arrayHead();
    const read = (index: number) => {
      this.#itemMarker = marker;
      if (marker === undefined) this.#peek();
      this.within(index, () => item(index));
    };
    if (count !== undefined) {
      for (let index = 0; index < count; index++) read(index);
      return;
    }
    for (let index = 0; !this.#takes("]"); index++) read(index);
  }

  string(): string {
    const marker = this.#marker();
    if (marker === "C") return this.#text(1);
    if (marker !== "S") this.fail("a text is expected");
    return this.#text(this.#length());
  }

  number(): number {
    return this.#number(this.#marker());
  }

  numbers(): Float64Array<ArrayBuffer> {
    const { marker, count } = this.#arrayHead();
    if (marker !== undefined && count !== undefined) return this.#typedNumbers(marker, count);
    let room = this.roomFor(1);
    let index = 0;
    while (count === undefined ? !this.#takes("]") : index < count) {
      if (index === room.length) room = this.roomFor(index + 1);
      const item = this.#marker();
      room[index] = constants[item] ?? this.#number(item);
      index++;
    }
    return room.slice(0, index);
  }

  skip(): void {
    const marker = this.#peek();
    if (marker === "{") this.#members(asItIs, ignore);
    else if (marker === "[") this.#skipArray();
    else if (marker === "S" || marker === "H") {
      this.#marker();
      this.#advance(this.#length());
    } else if (marker === "C") {
      this.#marker();
      this.#advance(1);
    } else if (marker === "Z" || marker in constants) this.#marker();
    else this.number();
  }

  end(): void {
    if (this.at < this.bytes.length) this.fail("bytes after the document's end");
  }

  #skipArray(): void {
    const start = this.at;
    const { marker, count } = this.#arrayHead();
    if (marker !== undefined && count !== undefined) {
      this.#advance(count * (widths[marker] as number));
      return;
    }
    this.at = start;
    this.array(ignore);
  }

  /** After the bracket: the type and the count of its items, if it tells them. */
  #arrayHead(): { marker: string | undefined; count: number | undefined } {
    this.#expect("[", "an array is expected");
    let marker: string | undefined;
    if (this.#takes("$")) {
      marker = String.fromCharCode(this.#byte());
      if (!(marker in widths)) this.fail(`an array of type "${printable(marker)}" isn't supported`);
      if (this.#peek() !== "#") this.fail("a typed array without a count");
    }
    if (!this.#takes("#")) return { marker, count: undefined };
    const count = this.#length();
    const bytesAtLeast = count * (marker === undefined ? 1 : (widths[marker] as number));
    if (bytesAtLeast > this.bytes.length - this.at) {
      this.fail(`an array of ${count} items, for which the file is too short`);
    }
    return { marker, count };
  }

  #typedNumbers(marker: string, count: number): Float64Array<ArrayBuffer> {
    this.roomFor(count);
    const values = new Float64Array(count);
    for (let i = 0; i < count; i++) values[i] = this.#number(marker);
    return values;
  }

  #number(marker: string): number {
    const width = widths[marker];
    if (width === undefined) return this.fail(`a number is expected, not "${printable(marker)}"`);
    const at = this.at;
    this.#advance(width);
    switch (marker) {
      case "i":
        return this.#view.getInt8(at);
      case "U":
        return this.#view.getUint8(at);
      case "I":
        return this.#view.getInt16(at);
      case "l":
        return this.#view.getInt32(at);
      case "L":
        return Number(this.#view.getBigInt64(at));
      case "d":
        return this.#view.getFloat32(at);
      default:
        return this.#view.getFloat64(at);
    }
  }

  #length(): number {
    const marker = String.fromCharCode(this.#byte());
    if (!"iUIlL".includes(marker)) this.fail("a length is expected");
    const length = this.#number(marker);
    if (length < 0) this.fail(`a length of ${length}`);
    if (length > this.bytes.length - this.at) {
      this.fail(`a length of ${length}, for which the file is too short`);
    }
    return length;
  }

  #text(length: number): string {
    if (length > maximumTextBytes) this.fail(`a text of more than ${maximumTextBytes} bytes`);
    const start = this.at;
    this.#advance(length);
    try {
      return strictUtf8.decode(this.bytes.subarray(start, this.at));
    } catch {
      return this.fail("a text that is no valid UTF-8");
    }
  }

  #byte(): number {
    const byte = this.bytes[this.at] ?? this.fail("the file ends too early");
    this.at++;
    return byte;
  }

  #advance(length: number): void {
    if (length > this.bytes.length - this.at) this.fail("the file ends too early");
    this.at += length;
  }

  /** The marker of the value that comes next; that of a typed array's item stands before the array. */
  #peek(): string {
    if (this.#itemMarker !== undefined) return this.#itemMarker;
    // "N" says nothing, by design.
    while (this.bytes[this.at] === 0x4e) this.at++;
    return String.fromCharCode(this.bytes[this.at] ?? this.fail("the file ends too early"));
  }

  #marker(): string {
    const marker = this.#peek();
    if (this.#itemMarker === undefined) this.at++;
    this.#itemMarker = undefined;
    return marker;
  }

  #expect(marker: string, problem: string): void {
    if (this.#marker() !== marker) this.fail(problem);
  }

  #takes(marker: string): boolean {
    if (this.#peek() !== marker) return false;
    this.at++;
    return true;
  }
}

const asItIs = (name: string) => name;
const ignore = () => {};

function printable(marker: string): string {
  return /^[!-~]$/.test(marker) ? marker : `\\x${marker.charCodeAt(0).toString(16).padStart(2, "0")}`;
}
