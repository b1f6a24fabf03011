import { instantiate, kernelsOver, pagesFor } from "./instantiate.ts";
import {
  type ForestKernels,
  type LoadingKernels,
  type PlaneKernels,
  type RowKernels,
  SLACK,
  type TextKernels,
} from "./kernels.ts";
import { twinKernels } from "./twin.ts";
import { twinLoadingKernels } from "./twin-loading.ts";

/** The memory of one model, with views of it and the kernels that work on it. */
export class ModelMemory {
  readonly kernels: RowKernels & LoadingKernels;
  /** Undefined: there is no WebAssembly. */
  readonly textKernels: TextKernels | undefined;
  bytes!: Uint8Array;
  halves!: Uint16Array;
  words!: Uint32Array;
  singles!: Float32Array;
  doubles!: Float64Array;
  readonly #memory: WebAssembly.Memory | undefined;
  /** Null: not asked for yet. */
  #laterKernels: (PlaneKernels & ForestKernels) | undefined | null = null;

  constructor(size: number, webAssembly: boolean) {
    const instance = webAssembly ? instantiate(size, "first") : undefined;
    const buffer = instance?.memory.buffer ?? new ArrayBuffer(pagesFor(size) * 0x10000);
    this.#memory = instance?.memory;
    this.kernels = (instance?.exports as (RowKernels & LoadingKernels) | undefined) ?? {
      ...twinKernels(buffer),
      ...twinLoadingKernels(buffer),
    };
    this.textKernels = instance?.exports as TextKernels | undefined;
    this.#view(buffer);
  }

  /** Undefined: there is no WebAssembly. */
  get laterKernels(): (PlaneKernels & ForestKernels) | undefined {
    if (this.#laterKernels === null) {
      const memory = this.#memory;
      const kernels = memory === undefined ? undefined : kernelsOver(memory, "later");
      this.#laterKernels = kernels as (PlaneKernels & ForestKernels) | undefined;
    }
    return this.#laterKernels;
  }

  /** Returns false where there is no more memory to be had. Views that were taken before are void. */
  grow(size: number): boolean {
    if (this.#memory === undefined) return false;
    try {
      this.#memory.grow(pagesFor(size) - pagesFor(this.bytes.length));
    } catch (error) {
      if (error instanceof RangeError) return false;
      throw error;
    }
    this.#view(this.#memory.buffer);
    return true;
  }

  #view(buffer: ArrayBuffer): void {
    this.bytes = new Uint8Array(buffer);
    this.halves = new Uint16Array(buffer);
    this.words = new Uint32Array(buffer);
    this.singles = new Float32Array(buffer);
    this.doubles = new Float64Array(buffer);
  }
}

/** Decides where things will lie before there is a memory for them. */
export class MemoryPlan {
  #end: number;

  constructor(start: number) {
    this.#end = start;
  }

  /** Returns the address of so many bytes, at a multiple of 16. */
  reserve(bytes: number): number {
    const at = Math.ceil(this.#end / 16) * 16;
    this.#end = at + bytes;
    return at;
  }

  get size(): number {
    return this.#end + SLACK;
  }
}
