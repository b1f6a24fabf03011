/** Arrays of numbers as packages carry them: base64 of their little-endian bytes. */
import { decodeBase64 } from "./base64.ts";
import { numberTypes } from "./kernels.ts";
import { MemoryPlan, ModelMemory } from "./model-memory.ts";

export type Numbers = InstanceType<(typeof numberTypes)[number]["array"]>;
export type NumberType = (typeof numberTypes)[number]["name"];

/** A larger memory is made for what needs it, and not kept. */
const sharedBytes = 0x80000;
/** Arrays are read one after the other: they share a memory, until the collector takes it. */
let shared: WeakRef<ModelMemory> | undefined;

/** A memory of so many bytes at least, to work in for a moment; what is in it is left from earlier work. */
export function workspace(bytes: number): ModelMemory {
  if (bytes > sharedBytes) return new ModelMemory(bytes, true);
  const known = shared?.deref();
  if (known !== undefined) return known;
  const memory = new ModelMemory(sharedBytes, true);
  shared = new WeakRef(memory);
  return memory;
}

/** The numbers, or why there are none. */
export function unpack(text: string, type: NumberType): Numbers | "no base64" | "ends within a number" {
  const bytes = decodeBase64(text);
  if (bytes === undefined) return "no base64";
  const { array } = numberTypes.find(({ name }) => name === type) as (typeof numberTypes)[number];
  if (bytes.length % array.BYTES_PER_ELEMENT !== 0) return "ends within a number";
  return new array(bytes.buffer, 0, bytes.length / array.BYTES_PER_ELEMENT);
}

/** The first number that is outside the limits, or NaN; -1: there is none. */
export function firstOutside(numbers: Numbers, minimum: number, maximum: number): number {
  const index = numberTypes.findIndex(({ array }) => numbers instanceof array);
  const plan = new MemoryPlan(0);
  const at = plan.reserve(numbers.byteLength);
  const { bytes, kernels } = workspace(plan.size);
  bytes.set(new Uint8Array(numbers.buffer, numbers.byteOffset, numbers.byteLength), at);
  return kernels.firstOutside(index, at, numbers.length, minimum, maximum);
}
