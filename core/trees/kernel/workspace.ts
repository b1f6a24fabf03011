import { arrayOf, type NumberType, numberTypes } from "./kernels.ts";
import { ModelMemory } from "./model-memory.ts";

export type Numbers = InstanceType<(typeof numberTypes)[number]["array"]>;

/** Numbers in a workspace. */
export interface Span {
  readonly type: NumberType;
  readonly at: number;
  /** How many numbers. */
  readonly length: number;
}

/** What a window of a file takes at a time; more would only fetch more new pages. */
const windowBytes = 0x4000;
const charactersPerBlock = 16;
const bytesPerBlock = 12;
/** Room that is added for what follows, at least. */
const leastGrowth = 0x20000;

/**
 * The arrays of a file are decoded, checked and joined in one memory, where kernels find them by their addresses: to bring each to a kernel and
 * back would mean as many pages of fresh memory again, and those take longer than the work on them.
 */
export class Workspace {
  #memory: ModelMemory;
  #end = 0;
  /** Where a window of text is copied to; none without WebAssembly. */
  readonly #window: number;

  /** `bytes`: room that is there from the start. */
  constructor(bytes: number) {
    this.#memory = new ModelMemory(windowBytes + bytes, true);
    this.#window = this.#memory.textKernels === undefined ? -1 : this.reserve(windowBytes);
  }

  /** Void after `reserve`, as are views of it. */
  get memory(): ModelMemory {
    return this.#memory;
  }

  /** Whether base64 can be decoded from a file's bytes. */
  get decodes(): boolean {
    return this.#window >= 0;
  }

  /** Returns the address of so many bytes, at a multiple of 16. */
  reserve(bytes: number): number {
    const at = Math.ceil(this.#end / 16) * 16;
    const needed = at + bytes;
    const size = this.#memory.bytes.length;
    if (needed > size && !this.#memory.grow(Math.max(needed, size + leastGrowth))) this.#move(needed);
    this.#end = needed;
    return at;
  }

  /** Without WebAssembly, or where the address space behind the memory is taken. */
  #move(needed: number): void {
    const { bytes } = this.#memory;
    this.#memory = new ModelMemory(Math.max(needed, 2 * bytes.length), this.decodes);
    this.#memory.bytes.set(bytes);
  }

  /** Copies bytes to a place of their own. */
  place(bytes: Uint8Array): number {
    const at = this.reserve(bytes.length);
    this.#memory.bytes.set(bytes, at);
    return at;
  }

  placeNumbers(numbers: Numbers): Span {
    const { name } = numberTypes.find(
      ({ array }) => numbers instanceof array,
    ) as (typeof numberTypes)[number];
    const at = this.place(new Uint8Array(numbers.buffer, numbers.byteOffset, numbers.byteLength));
    return { type: name, at, length: numbers.length };
  }

  /** A view: void after `reserve`. */
  numbers({ type, at, length }: Span): Numbers {
    return new (arrayOf(type))(this.#memory.bytes.buffer as ArrayBuffer, at, length);
  }

  /** The first number that is outside the limits, or NaN; -1: there is none. */
  firstOutside({ type, at, length }: Span, minimum: number, maximum: number): number {
    const index = numberTypes.findIndex(({ name }) => name === type);
    return this.#memory.kernels.firstOutside(index, at, length, minimum, maximum);
  }

  /** Where so many bytes of base64, with padding, are decoded to; undefined: something else is among them. Only where it `decodes`. */
  decode(text: Uint8Array): { readonly at: number; readonly bytes: number } | undefined {
    const { length } = text;
    if (length % 4 !== 0) return undefined;
    let characters = length;
    for (let padding = 0; padding < 2 && text[characters - 1] === equalsSign; padding++) characters--;
    const bytes = (length / 4) * 3 - (length - characters);
    const blocks = Math.ceil(characters / charactersPerBlock);
    const start = this.#end;
    const at = this.reserve(blocks * bytesPerBlock + 4);
    const { bytes: all, textKernels } = this.#memory;
    const blocksPerWindow = windowBytes / charactersPerBlock;
    for (let done = 0; done < blocks; done += blocksPerWindow) {
      const first = done * charactersPerBlock;
      const count = Math.min(blocksPerWindow, blocks - done);
      const last = Math.min(first + windowBytes, characters);
      all.set(text.subarray(first, last), this.#window);
      all.fill(letterOfZero, this.#window + last - first, this.#window + count * charactersPerBlock);
      if (textKernels?.decodeBlocks(this.#window, count, at + done * bytesPerBlock) !== 1) {
        this.#end = start;
        return undefined;
      }
    }
    this.#end = at + bytes;
    return { at, bytes };
  }
}

const equalsSign = 0x3d;
const letterOfZero = 0x41;
