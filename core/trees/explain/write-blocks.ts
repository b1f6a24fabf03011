import { MemoryPlan, ModelMemory } from "../kernel/model-memory.ts";
import type { ForestLayout } from "./block-layout.ts";
import { type BlockSources, writeDescriptor } from "./block-writer.ts";

/**
 * Fills the records of blocks as block-writer.ts does, of trees with one value a leaf, by ../kernel/assembly/blocks.ts, which is fast from
 * its first run on. False: there is no WebAssembly.
 */
export function writeBlocks(
  buffer: ArrayBuffer,
  { blocks, end }: ForestLayout,
  { ensemble, forest, slotOfNode, fieldOfColumn, noField }: BlockSources,
): boolean {
  const { feature, threshold, value } = ensemble;
  const nodes = feature.length;
  const plan = new MemoryPlan(0);
  const sources = plan.reserve(14 * 4);
  const at = {
    feature: plan.reserve(nodes * 4),
    left: plan.reserve(nodes * 4),
    right: plan.reserve(nodes * 4),
    leftShare: plan.reserve(nodes * 8),
    splitAbove: plan.reserve(nodes * 4),
    isLeftOfAbove: plan.reserve(nodes),
    shareAbove: plan.reserve(nodes * 8),
    slot: plan.reserve(nodes * 4),
    threshold: plan.reserve(nodes * 8),
    value: plan.reserve(nodes * 8),
    fieldOfColumn: plan.reserve(fieldOfColumn.length * 4),
    noField,
    cell: plan.reserve(nodes * 4),
    sides: plan.reserve(nodes * 4),
  };
  const most = (count: (plan: (typeof blocks)[number]["plan"]) => number) =>
    blocks.reduce((greatest, { plan }) => Math.max(greatest, count(plan)), 0);
  const nodesOfBlock = plan.reserve(most((block) => block.nodes.length) * 4);
  const rootsOfBlock = plan.reserve(most((block) => block.roots.length) * 4);
  const base = plan.reserve(end);
  const memory = new ModelMemory(plan.size, true);
  const { bytes, words, doubles, laterKernels } = memory;
  if (laterKernels === undefined) return false;
  words.set(Object.values(at), sources >> 2);
  words.set(feature, at.feature >> 2);
  words.set(forest.left, at.left >> 2);
  words.set(forest.right, at.right >> 2);
  doubles.set(forest.leftShare, at.leftShare >> 3);
  words.set(forest.splitAbove, at.splitAbove >> 2);
  bytes.set(forest.isLeftOfAbove, at.isLeftOfAbove);
  doubles.set(forest.shareAbove, at.shareAbove >> 3);
  words.set(slotOfNode, at.slot >> 2);
  doubles.set(threshold, at.threshold >> 3);
  doubles.set(value, at.value >> 3);
  words.set(fieldOfColumn, at.fieldOfColumn >> 2);
  for (const block of blocks) {
    writeDescriptor(block, memory, base);
    words.set(block.plan.nodes, nodesOfBlock >> 2);
    words.set(block.plan.roots, rootsOfBlock >> 2);
    const count = block.plan.nodes.length;
    laterKernels.writeBlock(sources, base + block.at, base, nodesOfBlock, count, rootsOfBlock);
  }
  new Uint8Array(buffer).set(bytes.subarray(base, base + end));
  return true;
}
