import { DocumentReader, maximumTextBytes, type ValueKind } from "./document-reader.ts";

/** Bytes of a number, by its marker. */
const widths: Readonly<Record<string, number>> = { i: 1, U: 1, I: 2, l: 4, L: 8, d: 4, D: 8 };
/** Of a value without a body. */
const constants: Readonly<Record<string, number>> = { T: 1, F: 0 };
/** What the values of a typed container may be: of one that has no body, a file could declare any number. */
const itemTypes = "iUIlLdDSC{[";

/** Reads UBJSON (draft 12), big-endian, from its bytes: containers with or without a count or a type. */
export class UbjsonReader extends DocumentReader {
  readonly #view: DataView;
  /** Marker of the next value, where it stands before the container that the value is an item of. */
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
    const { marker, count } = this.#head("{", "an object is expected");
    const read = () => {
      const name = key(this.#text(this.#length()));
      this.#itemMarker = marker;
      this.#peek();
      this.within(name, () => member(name));
    };
    if (count !== undefined) for (let i = 0; i < count; i++) read();
    else while (!this.#takes("}")) read();
  }

  array(item: (index: number) => void): void {
    const { marker, count } = this.#head("[", "an array is expected");
    const read = (index: number) => {
      this.#itemMarker = marker;
      this.#peek();
      this.within(index, () => item(index));
    };
    if (count !== undefined) for (let index = 0; index < count; index++) read(index);
    else for (let index = 0; !this.#takes("]"); index++) read(index);
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
    const { marker, count } = this.#head("[", "an array of numbers is expected");
    if (marker !== undefined && count !== undefined) return this.#typedNumbers(marker, count);
    let room = this.roomFor(1);
    let index = 0;
    while (count === undefined ? !this.#takes("]") : index < count) {
      if (index === room.length) room = this.roomFor(index + 1);
      const item = this.#marker();
      room[index] = constants[item] ?? this.#number(item);
      index++;
    }
    return this.firstNumbers(index);
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

  /** A document with a count of its members has no end mark. */
  override checkEnd(): void {
    if (this.bytes[1] !== 0x23 && this.bytes[1] !== 0x24) super.checkEnd();
  }

  end(): void {
    if (this.at < this.bytes.length) this.fail("bytes after the document's end");
  }

  #skipArray(): void {
    const before = this.#itemMarker;
    const start = this.at;
    const { marker, count } = this.#head("[", "an array is expected");
    const width = widths[marker ?? ""];
    if (width !== undefined && count !== undefined) {
      this.#advance(count * width);
      return;
    }
    this.at = start;
    this.#itemMarker = before;
    this.array(ignore);
  }

  /** After the bracket: the type and the count of the container's values, if it tells them. */
  #head(bracket: "[" | "{", problem: string): { marker: string | undefined; count: number | undefined } {
    this.#expect(bracket, problem);
    let marker: string | undefined;
    if (this.#takes("$")) {
      marker = String.fromCharCode(this.#byte());
      if (!itemTypes.includes(marker)) this.fail(`values of type "${printable(marker)}" aren't supported`);
      if (this.#peek() !== "#") this.fail("a type without a count");
    }
    if (!this.#takes("#")) return { marker, count: undefined };
    const count = this.#length();
    const bytesAtLeast = count * (widths[marker ?? ""] ?? 1);
    if (bytesAtLeast > this.bytes.length - this.at) {
      this.fail(`${count} values, for which the file is too short`);
    }
    return { marker, count };
  }

  #typedNumbers(marker: string, count: number): Float64Array<ArrayBuffer> {
    const room = this.roomFor(count);
    const first = this.at;
    // What XGBoost writes, without a call a number; the head has compared the count with the file.
    if (marker === "d") for (let i = 0; i < count; i++) room[i] = this.#view.getFloat32(first + 4 * i);
    else if (marker === "l") for (let i = 0; i < count; i++) room[i] = this.#view.getInt32(first + 4 * i);
    else if (marker === "U") for (let i = 0; i < count; i++) room[i] = this.#view.getUint8(first + i);
    else {
      for (let i = 0; i < count; i++) room[i] = this.#number(marker);
      return this.firstNumbers(count);
    }
    this.#advance(count * (widths[marker] as number));
    return this.firstNumbers(count);
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
    return this.textOf(start, this.at) ?? this.fail("a text that is no valid UTF-8");
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
