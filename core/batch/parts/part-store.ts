import { ObjectChanged } from "../../ports.ts";
import type { BatchPorts } from "./batch-ports.ts";
import { DropFault } from "./drop-fault.ts";
import { work } from "./drop-key.ts";
import type { Layout } from "./drop-plan.ts";
import { decodePartResult, encodePartResult, type PartResult } from "./part-result.ts";

/** The results of a drop's parts. One object each: it is there, whole, or the part is still to be scored. */
export async function missingParts(
  store: BatchPorts["store"],
  drop: string,
  layout: Layout,
): Promise<number[]> {
  const there = new Set<string>();
  for await (const { key } of store.list(work.results(drop))) there.add(key);
  return layout.parts.map((_, part) => part).filter((part) => !there.has(work.result(drop, part)));
}

export async function keepPart(
  store: BatchPorts["store"],
  drop: string,
  part: number,
  result: PartResult,
): Promise<void> {
  await store.put(work.result(drop, part), encodePartResult(result));
}

/** All parts in order; the next one is read while one is worked on. */
export async function* readParts(
  store: BatchPorts["store"],
  drop: string,
  layout: Layout,
): AsyncGenerator<PartResult> {
  let next: Promise<PartResult> | undefined;
  for (let part = 0; part < layout.parts.length; part++) {
    const result = await (next ?? readPart(store, drop, part));
    next = part + 1 < layout.parts.length ? readPart(store, drop, part + 1) : undefined;
    // Awaited in its turn; until then a failure must not count as unhandled.
    next?.catch(() => {});
    yield result;
  }
}

async function readPart(store: BatchPorts["store"], drop: string, part: number): Promise<PartResult> {
  const key = work.result(drop, part);
  const stored = await store.get(key);
  if (!stored) throw new ObjectChanged(`${key} is gone.`);
  try {
    return decodePartResult(stored.body);
  } catch {
    // The parser's own message would quote what it was given.
    throw new DropFault(`${key} is no result of a part: remove it, and the part is scored anew.`);
  }
}
