import { decodeBase64 } from "./base64.ts";
import { moduleBase64 } from "./module.ts";

/** Undefined: not tried yet; null: this runtime cannot. */
let compiled: WebAssembly.Module | null | undefined;

/**
 * Gives a memory and the kernels over it: one compiled module a process, one instance and one memory a model.
 * Undefined: WebAssembly with vector instructions, or address space for the memory, is not to be had here.
 */
export function instantiate(bytes: number): { memory: WebAssembly.Memory; exports: unknown } | undefined {
  if (compiled === undefined) compiled = compile();
  if (compiled === null) return undefined;
  try {
    const memory = new WebAssembly.Memory({ initial: pagesFor(bytes) });
    return { memory, exports: new WebAssembly.Instance(compiled, { env: { memory } }).exports };
  } catch (error) {
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}

export function pagesFor(bytes: number): number {
  return Math.ceil(bytes / 0x10000);
}

function compile(): WebAssembly.Module | null {
  try {
    return new WebAssembly.Module(decodeBase64(moduleBase64) as Uint8Array);
  } catch {
    // No such thing as WebAssembly, code generation forbidden, or no vector instructions: the twin takes over.
    return null;
  }
}
