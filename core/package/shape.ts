/** Reads an untrusted JSON document piece by piece; whatever is not as it should be is told with its pointer. */
import { firstOutside, type Numbers, unpack } from "../trees/kernel/unpack.ts";
import { PackageError } from "./package-error.ts";

const numberTypes = ["float64", "float32", "int32", "uint16", "int16", "uint8", "int8"] as const;

/** A value of a document and where it stands. */
export class Shape {
  readonly value: unknown;
  readonly #file: string;
  /** Where the value stands in another; undefined: it is the document. A pointer is made of it only when it is told. */
  readonly #place: { readonly parent: Shape; readonly key: string | number } | undefined;

  constructor(
    file: string,
    value: unknown,
    place?: { readonly parent: Shape; readonly key: string | number },
  ) {
    this.value = value;
    this.#file = file;
    this.#place = place;
  }

  refuse(problem: string): never {
    throw new PackageError(
      this.#file,
      `${this.#place === undefined ? "the document" : this.#pointer()} ${problem}.`,
    );
  }

  #pointer(): string {
    if (this.#place === undefined) return "";
    const { parent, key } = this.#place;
    return `${parent.#pointer()}/${String(key).replaceAll("~", "~0").replaceAll("/", "~1")}`;
  }

  /** A member of an object; its value is undefined where the object does not have it. */
  at(key: string): Shape {
    const members = this.object();
    return new Shape(this.#file, Object.hasOwn(members, key) ? members[key] : undefined, {
      parent: this,
      key,
    });
  }

  object(): Record<string, unknown> {
    const { value } = this;
    if (typeof value !== "object" || value === null || Array.isArray(value)) this.refuse("must be an object");
    return value as Record<string, unknown>;
  }

  entries(maximum: number): (readonly [string, Shape])[] {
    const keys = Object.keys(this.object());
    if (keys.length > maximum) this.refuse(`has ${keys.length} members; at most ${maximum} are allowed`);
    return keys.map((key) => [key, this.at(key)]);
  }

  items(minimum: number, maximum: number): Shape[] {
    return this.#array(minimum, maximum).map((value, key) => this.#item(value, key));
  }

  #array(minimum: number, maximum: number): readonly unknown[] {
    const { value } = this;
    if (!Array.isArray(value)) this.refuse("must be an array");
    if (value.length < minimum || value.length > maximum) {
      const allowed = minimum === maximum ? `${minimum}` : `${minimum} to ${maximum}`;
      this.refuse(`has ${value.length} items; ${allowed} are allowed`);
    }
    return value;
  }

  #item(value: unknown, key: number): Shape {
    return new Shape(this.#file, value, { parent: this, key });
  }

  text(): string {
    if (typeof this.value !== "string") this.refuse("must be a text");
    return this.value as string;
  }

  oneOf<const T extends string>(allowed: readonly T[]): T {
    const found = allowed.find((candidate) => candidate === this.value);
    return found ?? this.refuse(`must be one of ${allowed.join(", ")}`);
  }

  boolean(): boolean {
    if (typeof this.value !== "boolean") this.refuse("must be true or false");
    return this.value as boolean;
  }

  /** Finite, as JSON numbers that did not overflow are. */
  number(minimum = -Number.MAX_VALUE, maximum = Number.MAX_VALUE): number {
    const { value } = this;
    if (typeof value !== "number" || !Number.isFinite(value)) this.refuse("must be a finite number");
    if (value < minimum || value > maximum) this.refuse(`is ${value}; ${minimum} to ${maximum} is allowed`);
    return value;
  }

  integer(minimum: number, maximum: number): number {
    const value = this.number(minimum, maximum);
    return Number.isInteger(value) ? value : this.refuse("must be a whole number");
  }

  optional<T>(read: (shape: Shape) => T): T | null {
    return this.value === null || this.value === undefined ? null : read(this);
  }

  numbers(minimum: number, maximum: number): Float64Array {
    const values = this.#array(minimum, maximum);
    return Float64Array.from(values, (value, key) =>
      typeof value === "number" && Number.isFinite(value) ? value : this.#item(value, key).number(),
    );
  }

  texts(minimum: number, maximum: number): string[] {
    return this.items(minimum, maximum).map((item) => item.text());
  }

  /** `{ type, data }`: numbers as base64 of their little-endian bytes, every one within the limits. */
  packed(length: number | undefined, minimum: number, maximum: number): Numbers {
    const type = this.at("type").oneOf(numberTypes);
    const data = this.at("data");
    const numbers = unpack(data.text(), type);
    if (numbers === "no base64") return data.refuse("is not base64");
    if (numbers === "ends within a number") return data.refuse("ends within a number");
    if (length !== undefined && numbers.length !== length) {
      this.refuse(`has ${numbers.length} numbers; ${length} are needed`);
    }
    const wrong = firstOutside(numbers, minimum, maximum);
    if (wrong >= 0) {
      this.refuse(`holds ${numbers[wrong]} at ${wrong}; ${minimum} to ${maximum} is allowed`);
    }
    return numbers;
  }

  packedDoubles(length: number | undefined, minimum: number, maximum: number): Float64Array {
    const numbers = this.packed(length, minimum, maximum);
    return numbers instanceof Float64Array ? numbers : new Float64Array(numbers);
  }

  packedIntegers(length: number | undefined, minimum: number, maximum: number): Int32Array {
    return this.packedIntegersAs(Int32Array, length, minimum, maximum);
  }

  /** The limits must be such that the type can hold what they allow. */
  packedIntegersAs<T extends Numbers>(
    type: new (numbers: Numbers) => T,
    length: number | undefined,
    minimum: number,
    maximum: number,
  ): T {
    const numbers = this.packed(length, minimum, maximum);
    if (numbers instanceof type) return numbers;
    const integers = new type(numbers);
    if (!(numbers instanceof Float64Array || numbers instanceof Float32Array)) return integers;
    for (let i = 0; i < integers.length; i++) {
      if (integers[i] !== numbers[i]) this.refuse(`holds ${numbers[i]} at ${i}; it must be a whole number`);
    }
    return integers;
  }
}
