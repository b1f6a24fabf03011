import { decodeBase64 } from "./base64.ts";
import { firstKernels, laterKernels } from "./module.ts";

/** first: what a model needs to be loaded and to score rows. later: the rest, so that a process that starts does not compile it. */
export type KernelGroup = keyof typeof modules;
const modules = { first: firstKernels, later: laterKernels };

/** Undefined: not tried yet; null: this runtime cannot. */
const compiled: Partial<Record<KernelGroup, WebAssembly.Module | null>> = {};

/**
 * Gives a memory and the kernels over it: a group is compiled once a process; a model has one memory, and one instance of a group.
 * Undefined: WebAssembly with vector instructions, or address space for the memory, is not to be had here.
 */
export function instantiate(
  bytes: number,
  group: KernelGroup,
): { memory: WebAssembly.Memory; exports: unknown } | undefined {
  if (compiledOf(group) === null) return undefined;
  try {
    const memory = new WebAssembly.Memory({ initial: pagesFor(bytes) });
    return { memory, exports: kernelsOver(memory, group) };
  } catch (error) {
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}

/** The kernels of a group over a memory that is there; undefined where WebAssembly is not to be had. */
export function kernelsOver(memory: WebAssembly.Memory, group: KernelGroup): unknown {
  const module = compiledOf(group);
  return module === null ? undefined : new WebAssembly.Instance(module, { env: { memory } }).exports;
}

export function pagesFor(bytes: number): number {
  return Math.ceil(bytes / 0x10000);
}

function compiledOf(group: KernelGroup): WebAssembly.Module | null {
  const known = compiled[group];
  if (known !== undefined) return known;
  const module = compile(modules[group]);
  compiled[group] = module;
  return module;
}

function compile(base64: string): WebAssembly.Module | null {
  try {
    return new WebAssembly.Module(decodeBase64(base64) as Uint8Array);
  } catch {
    // No such thing as WebAssembly, code generation forbidden, or no vector instructions: the twin takes over.
    return null;
  }
}
