/**
 * Loads the trees of a package as the scoring function does, in a process that has just started:
 * `node --expose-gc served-model.cjs SERVING ROWS fresh|warm|cold-MB` prints numbers as JSON.
 *
 * fresh: the first load of the process, from the file's bytes to an evaluator; its first row, its first row with contributions, and the
 * memory that is in use for it. warm: the median of later loads. cold-MB: the median row, each after so much other memory was read.
 */
import { readFileSync } from "node:fs";
import { readServingFile } from "../../core/package/read-serving.ts";
import { ensembleOf } from "../../core/trees/compact-trees.ts";
import type { Evaluator } from "../../core/trees/evaluator.ts";
import { TreeExplainer } from "../../core/trees/explain/tree-explainer.ts";
import { treeEvaluator } from "../../core/trees/tree-evaluator.ts";

const features = 60;
const warmLoads = 60;
const coldRows = 400;
const megabyte = 1024 * 1024;

const [servingFile, rowsFile, mode] = process.argv.slice(2);
if (!servingFile || !rowsFile || !mode)
  throw new Error("usage: node served-model.mjs SERVING ROWS fresh|warm|cold-MB");
const { gc } = globalThis as { gc?: () => void };
const rowBytes = readFileSync(rowsFile).subarray(0, coldRows * features * 8);
const rows = new Float64Array(new Uint8Array(rowBytes).buffer);
const margin = new Float64Array(1);
const row = (i: number) => rows.subarray(i * features, (i + 1) * features);

const found =
  mode === "fresh" ? fresh() : mode === "warm" ? warm() : cold(Number(mode.slice("cold-".length)));
process.stdout.write(`${JSON.stringify(found)}\n`);

/** In milliseconds and bytes. */
function fresh() {
  const memoryBefore = memoryInUse();
  const bytes = readFileSync(servingFile as string);
  const startedAt = performance.now();
  const model = load(bytes);
  const loading = performance.now() - startedAt;
  const firstRow = timed(() => model.evaluator.margin(row(0), margin));
  const secondRow = timed(() => model.evaluator.margin(row(1), margin));
  const memory = memoryInUse() - memoryBefore - bytes.length;
  const contributions = new Float64Array(features);
  const weights = Float64Array.of(1);
  const firstReasons = timed(() => explainerOf(model).contributions(row(0), weights, contributions));
  return { load: loading, firstRow, secondRow, firstReasons, memory };
}

function warm() {
  const bytes = readFileSync(servingFile as string);
  const loading = median(warmLoads, () => load(bytes));
  const { predictor } = load(bytes);
  return { load: loading, explainer: median(warmLoads, () => explainerOf({ predictor })) };
}

function cold(otherInMegabytes: number) {
  const { evaluator } = load(readFileSync(servingFile as string));
  const other = new Float64Array((otherInMegabytes * megabyte) / 8).fill(1);
  // Compiled by then.
  for (let i = 0; i < 20_000; i++) evaluator.margin(row(i % coldRows), margin);
  let sum = 0;
  const samples = Array.from({ length: coldRows }, (_, i) => {
    for (let at = 0; at < other.length; at += 8) sum += other[at] as number;
    return timed(() => evaluator.margin(row(i), margin));
  });
  if (sum !== (coldRows * other.length) / 8) throw new Error("the other memory was not read");
  return { row: samples.sort((a, b) => a - b)[coldRows >> 1] as number };
}

function load(bytes: Uint8Array): { readonly predictor: unknown; readonly evaluator: Evaluator } {
  const { predictor } = readServingFile(bytes);
  if (predictor.kind !== "compact-trees") throw new Error(`${servingFile} holds no compact trees`);
  return { predictor, evaluator: treeEvaluator(predictor) };
}

function explainerOf({ predictor }: { readonly predictor: unknown }): TreeExplainer {
  const fieldOfColumn = Int32Array.from({ length: features }, (_, column) => column);
  return new TreeExplainer(ensembleOf(predictor as Parameters<typeof ensembleOf>[0]), fieldOfColumn);
}

function timed(work: () => void): number {
  const startedAt = performance.now();
  work();
  return performance.now() - startedAt;
}

function median(count: number, work: () => unknown): number {
  const samples = Array.from({ length: count }, () => timed(work)).sort((a, b) => a - b);
  return samples[count >> 1] as number;
}

/** What the collector can't take: objects, and memories of WebAssembly and of typed arrays. */
function memoryInUse(): number {
  gc?.();
  gc?.();
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}
