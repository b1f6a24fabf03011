import { ModelFileError } from "../model-file-error.ts";

const maximumDepth = 64;
const maximumMembers = 10_000;
/** Of one key or string. */
export const maximumTextBytes = 65_536;
export const strictUtf8 = new TextDecoder("utf-8", { fatal: true });
/** Of one array. */
const maximumNumbers = 1 << 22;

export type ValueKind = "object" | "array" | "string" | "number" | "boolean" | "null";

/**
 * Reads one document from front to back, and holds only what its caller asked for; JSON and UBJSON each have one. The
 * bytes are hostile: a length is compared with what is left before anything is made of it. What is wrong is thrown as a
 * `ModelFileError` with the JSON pointer and the byte.
 */
export abstract class DocumentReader {
  protected readonly bytes: Uint8Array;
  protected at = 0;
  readonly #path: (string | number)[] = [];
  /** Numbers of the array at work; kept for the next one. */
  #scratch = new Float64Array(1024);

  constructor(bytes: Uint8Array) {
    this.bytes = bytes;
  }

  /** What comes next. */
  abstract kind(): ValueKind;
  /** Calls `member` with every key; a value that it doesn't read is skipped. */
  abstract object(member: (key: string) => void): void;
  /** Calls `item` with every index; a value that it doesn't read is skipped. */
  abstract array(item: (index: number) => void): void;
  abstract string(): string;
  abstract number(): number;
  /** An array of numbers; true and false count as 1 and 0. */
  abstract numbers(): Float64Array<ArrayBuffer>;
  abstract skip(): void;
  /** The document must end here. */
  abstract end(): void;

  fail(problem: string): never {
    throw new ModelFileError(problem, `${this.pointer() || "the document"} (byte ${this.at})`);
  }

  /** The JSON pointer of the value at work; that of the whole document is empty. */
  pointer(): string {
    return pointerOf(this.#path);
  }

  protected within(step: string | number, read: () => void): void {
    if (this.#path.length >= maximumDepth) this.fail(`nested deeper than ${maximumDepth} levels`);
    this.#path.push(step);
    const before = this.at;
    read();
    if (this.at === before) this.skip();
    this.#path.pop();
  }

  protected failAt(step: string | number, problem: string): never {
    this.#path.push(step);
    this.fail(problem);
  }

  /** Members of one object: bounded, and each key once. */
  protected memberKeys(): (key: string) => string {
    const keys = new Set<string>();
    return (key) => {
      if (keys.has(key)) this.failAt(key, "this key is there twice");
      if (keys.size === maximumMembers) this.fail(`more than ${maximumMembers} members`);
      keys.add(key);
      return key;
    };
  }

  /** Room for a number more. */
  protected roomFor(count: number): Float64Array<ArrayBuffer> {
    if (count > maximumNumbers) this.fail(`more than ${maximumNumbers} numbers in one array`);
    if (count > this.#scratch.length) {
      const larger = new Float64Array(Math.max(count, this.#scratch.length * 2));
      larger.set(this.#scratch);
      this.#scratch = larger;
    }
    return this.#scratch;
  }
}

/** RFC 6901, made fit for one line of a message. */
export function pointerOf(path: readonly (string | number)[]): string {
  return path
    .map((step) => `/${String(step).slice(0, 64).replaceAll("~", "~0").replaceAll("/", "~1")}`)
    .join("")
    .replaceAll(/[\p{C}\p{Z}]/gu, "?");
}
