/** Reads an untrusted JSON document piece by piece; whatever is not as it should be is told with its pointer. */
import { decodeBase64 } from "../trees/kernel/base64.ts";
import { arrayOf, type NumberType, numberTypes } from "../trees/kernel/kernels.ts";
import type { Numbers, Span, Workspace } from "../trees/kernel/workspace.ts";
import { PackageError } from "./package-error.ts";
import { PackedArrays } from "./packed-document.ts";

const typeNames = numberTypes.map(({ name }) => name);

/** A value of a document and where it stands. */
export class Shape {
  readonly value: unknown;
  readonly #file: string;
  /** Where the value stands in another; undefined: it is the document. A pointer is made of it only when it is told. */
  readonly #place: { readonly parent: Shape; readonly key: string | number } | undefined;
  readonly #arrays: PackedArrays;

  constructor(
    file: string,
    value: unknown,
    place?: { readonly parent: Shape; readonly key: string | number },
    arrays = new PackedArrays(),
  ) {
    this.value = value;
    this.#file = file;
    this.#place = place;
    this.#arrays = arrays;
  }

  /** Where the document's arrays are worked on. */
  get workspace(): Workspace {
    return this.#arrays.workspace;
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
    return this.#part(this.#member(key), key);
  }

  // The three below are what every column of a serving file asks for: a shape of its own is made of a member only where it is needed.

  /** As `at(key).text()`. */
  textAt(key: string): string {
    const value = this.#member(key);
    return typeof value === "string" ? value : this.at(key).text();
  }

  /** As `at(key).oneOf(allowed)`. */
  oneOfAt<const T extends string>(key: string, allowed: readonly T[]): T {
    const value = this.#member(key) as T;
    return allowed.includes(value) ? value : this.at(key).oneOf(allowed);
  }

  /** As `at(key).optional(read)`. */
  optionalAt<T>(key: string, read: (shape: Shape) => T): T | null {
    const value = this.#member(key);
    return value === null || value === undefined ? null : read(this.at(key));
  }

  #member(key: string): unknown {
    const members = this.object();
    return Object.hasOwn(members, key) ? members[key] : undefined;
  }

  #part(value: unknown, key: string | number): Shape {
    return new Shape(this.#file, value, { parent: this, key }, this.#arrays);
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
    return this.#array(minimum, maximum).map((value, key) => this.#part(value, key));
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
      typeof value === "number" && Number.isFinite(value) ? value : this.#part(value, key).number(),
    );
  }

  texts(minimum: number, maximum: number): string[] {
    return this.items(minimum, maximum).map((item) => item.text());
  }

  /** `{ type, data }`: numbers as base64 of their little-endian bytes, every one within the limits. */
  span(length: number | undefined, minimum: number, maximum: number): Span {
    const type = this.at("type").oneOf(typeNames);
    const { at, bytes } = this.at("data").#decoded();
    const { workspace } = this;
    const span = { type, at, length: bytes / arrayOf(type).BYTES_PER_ELEMENT };
    if (!Number.isInteger(span.length)) this.at("data").refuse("ends within a number");
    if (length !== undefined && span.length !== length) {
      this.refuse(`has ${span.length} numbers; ${length} are needed`);
    }
    const wrong = workspace.firstOutside(span, minimum, maximum);
    if (wrong >= 0) {
      const found = workspace.numbers(span)[wrong];
      this.refuse(`holds ${found} at ${wrong}; ${minimum} to ${maximum} is allowed`);
    }
    return span;
  }

  #decoded(): { readonly at: number; readonly bytes: number } {
    const text = this.text();
    const known = this.#arrays.decoded(text);
    if (known !== undefined) return known;
    const bytes = decodeBase64(text) ?? this.refuse("is not base64");
    return { at: this.workspace.place(bytes), bytes: bytes.length };
  }

  /** Whole numbers in a type that can hold what the limits allow. */
  integerSpan(type: NumberType, length: number | undefined, minimum: number, maximum: number): Span {
    const span = this.span(length, minimum, maximum);
    if (span.type === type) return span;
    const numbers = this.workspace.numbers(span);
    const integers = new (arrayOf(type))(numbers);
    const wrong = numbers.findIndex((number: number, i: number) => number !== integers[i]);
    if (wrong >= 0) this.refuse(`holds ${numbers[wrong]} at ${wrong}; it must be a whole number`);
    return this.workspace.placeNumbers(integers);
  }

  /** As `span`, in an array of its own. */
  packed(length: number | undefined, minimum: number, maximum: number): Numbers {
    const span = this.span(length, minimum, maximum);
    return this.workspace.numbers(span).slice();
  }

  packedDoubles(length: number | undefined, minimum: number, maximum: number): Float64Array {
    const numbers = this.packed(length, minimum, maximum);
    return numbers instanceof Float64Array ? numbers : new Float64Array(numbers);
  }

  packedIntegers(length: number | undefined, minimum: number, maximum: number): Int32Array {
    const span = this.integerSpan("int32", length, minimum, maximum);
    return this.workspace.numbers(span).slice() as Int32Array;
  }
}
