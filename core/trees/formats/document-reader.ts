import { ModelFileError } from "../model-file-error.ts";

export const maximumDepth = 64;
const maximumMembers = 10_000;
/** Of one key or string. */
export const maximumTextBytes = 65_536;
export const strictUtf8 = new TextDecoder("utf-8", { fatal: true });
/** Of one array. */
const maximumNumbers = 1 << 22;

const closingBrace = 0x7d;
/** From this size on, a file's end is looked at first. */
export const greatFileInBytes = 1 << 20;
/** Keys are the same for every tree: so many of them (a power of 2), and so long ones, are decoded once. */
const knownTexts = 1 << 12;
const longestKnownText = 40;
/** Members of an object whose keys are compared one by one. */
const fewKeys = 16;
const fewNumbers = 32;

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
  /** Texts by a hash of their bytes, each in the place of the one before it. */
  readonly #texts: (string | undefined)[] = new Array(knownTexts).fill(undefined);
  /** Numbers of the array at work; kept for the next one. */
  #scratch = new Float64Array(1024);
  /** Views of the first few of them, by how many: small trees have many small arrays. */
  readonly #views: (Float64Array<ArrayBuffer> | undefined)[] = new Array(fewNumbers).fill(undefined);

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
  /** An array of numbers; true and false count as 1 and 0. It is good until the next one is read. */
  abstract numbers(): Float64Array<ArrayBuffer>;
  abstract skip(): void;
  /** The document must end here. */
  abstract end(): void;

  /**
   * Refuses a great file that was cut, before anything of it is read: its last character closes no document. By chance it
   * may all the same; then reading finds it, as it does in a small file, and tells more exactly where.
   */
  checkEnd(): void {
    if (this.bytes.length < greatFileInBytes) return;
    let last = this.bytes.length - 1;
    while (last >= 0 && isSpace(this.bytes[last])) last--;
    if (last < 0 || this.bytes[last] !== closingBrace) {
      const where = `byte ${this.bytes.length}`;
      throw new ModelFileError(
        'the file doesn\'t end with the "}" of its document: it is cut, or something follows',
        where,
      );
    }
  }

  fail(problem: string): never {
    throw new ModelFileError(problem, `${this.pointer() || "the document"} (byte ${this.at})`);
  }

  /** The JSON pointer of the value at work; that of the whole document is empty. */
  pointer(): string {
    return pointerOf(this.#path);
  }

  protected within(step: string | number, read: () => void): void {
    if (this.levelsLeft() <= 0) this.failOfDepth();
    this.#path.push(step);
    const before = this.at;
    read();
    if (this.at === before) this.skip();
    this.#path.pop();
  }

  /** How many levels deeper a document may go. */
  protected levelsLeft(): number {
    return maximumDepth - this.#path.length;
  }

  protected failOfDepth(): never {
    this.fail(`nested deeper than ${maximumDepth} levels`);
  }

  protected failAt(step: string | number, problem: string): never {
    this.#path.push(step);
    this.fail(problem);
  }

  /** Members of one object: bounded, and each key once. */
  protected memberKeys(): (key: string) => string {
    const first: string[] = [];
    let keys: Set<string> | undefined;
    return (key) => {
      if (keys?.has(key) ?? first.includes(key)) this.failAt(key, "this key is there twice");
      if (keys !== undefined) {
        if (keys.size === maximumMembers) this.fail(`more than ${maximumMembers} members`);
        keys.add(key);
      } else if (first.push(key) > fewKeys) keys = new Set(first);
      return key;
    };
  }

  /** The text of these bytes; undefined: they are no UTF-8. */
  protected textOf(start: number, end: number): string | undefined {
    const { bytes } = this;
    const length = end - start;
    let slot = -1;
    if (length > 0 && length <= longestKnownText) {
      let hash = 0;
      for (let at = start; at < end; at++) hash = hashed(hash, bytes[at] as number);
      slot = slotOf(hash);
      const known = this.#texts[slot];
      if (known?.length === length && isAt(bytes, start, known)) return known;
    }
    try {
      const text = strictUtf8.decode(bytes.subarray(start, end));
      if (slot >= 0 && text.length === length) this.#texts[slot] = text;
      return text;
    } catch {
      return undefined;
    }
  }

  /** The text from here to a byte, if it was read before and none of `other` comes first. */
  protected knownText(start: number, closing: number, other: number): string | undefined {
    const { bytes } = this;
    const most = Math.min(start + longestKnownText, bytes.length - 1);
    let hash = 0;
    let end = start;
    for (; bytes[end] !== closing; end++) {
      if (end >= most || bytes[end] === other) return undefined;
      hash = hashed(hash, bytes[end] as number);
    }
    const known = this.#texts[slotOf(hash)];
    return known?.length === end - start && isAt(bytes, start, known) ? known : undefined;
  }

  /** Room for a number more. */
  protected roomFor(count: number): Float64Array<ArrayBuffer> {
    if (count > maximumNumbers) this.fail(`more than ${maximumNumbers} numbers in one array`);
    if (count > this.#scratch.length) {
      const larger = new Float64Array(Math.max(count, this.#scratch.length * 2));
      larger.set(this.#scratch);
      this.#scratch = larger;
      this.#views.fill(undefined);
    }
    return this.#scratch;
  }

  /** The first numbers of what `roomFor` gave. */
  protected firstNumbers(count: number): Float64Array<ArrayBuffer> {
    if (count >= fewNumbers) return this.#scratch.subarray(0, count);
    const known = this.#views[count] ?? this.#scratch.subarray(0, count);
    this.#views[count] = known;
    return known;
  }
}

function hashed(hash: number, byte: number): number {
  return Math.imul(hash, 31) + byte;
}

function slotOf(hash: number): number {
  return (hash ^ (hash >>> 15)) & (knownTexts - 1);
}

/** Of ASCII: a byte a character. */
function isAt(bytes: Uint8Array, start: number, text: string): boolean {
  for (let i = 0; i < text.length; i++) if (bytes[start + i] !== text.charCodeAt(i)) return false;
  return true;
}

/** White space of JSON. */
export function isSpace(byte: number | undefined): boolean {
  return byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09;
}

/** RFC 6901, made fit for one line of a message. */
export function pointerOf(path: readonly (string | number)[]): string {
  return path
    .map((step) => `/${String(step).slice(0, 64).replaceAll("~", "~0").replaceAll("/", "~1")}`)
    .join("")
    .replaceAll(/[\p{C}\p{Z}]/gu, "?");
}
