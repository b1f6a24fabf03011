import { instantiate, pagesFor } from "./instantiate.ts";
import { type Kernels, SLACK } from "./kernels.ts";
import { twinKernels } from "./twin.ts";

/** The memory of one model, with views of it and the kernels that work on it. */
export interface ModelMemory {
  readonly kernels: Kernels;
  readonly bytes: Uint8Array;
  readonly halves: Uint16Array;
  readonly words: Uint32Array;
  readonly singles: Float32Array;
  readonly doubles: Float64Array;
}

export function modelMemory(size: number, webAssembly: boolean): ModelMemory {
  const instance = webAssembly ? instantiate(size) : undefined;
  const buffer = instance?.memory.buffer ?? new ArrayBuffer(pagesFor(size) * 0x10000);
  return {
    kernels: (instance?.exports as Kernels | undefined) ?? twinKernels(buffer),
    bytes: new Uint8Array(buffer),
    halves: new Uint16Array(buffer),
    words: new Uint32Array(buffer),
    singles: new Float32Array(buffer),
    doubles: new Float64Array(buffer),
  };
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
