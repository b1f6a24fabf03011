/**
 * What peer.py is compared with: `node leadgauge.ts FOLDER wasm|javascript`. For every line `MODEL one` or `MODEL batch` on stdin
 * (margins), `MODEL explain-one` or `MODEL explain-batch` (contributions), one line on stdout: the median microseconds a row.
 * Refuses a model whose margins are not the library's, to the bit.
 */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import type { Evaluator } from "../../core/trees/evaluator.ts";
import { TreeExplainer } from "../../core/trees/explain/tree-explainer.ts";
import { load } from "../../core/trees/index.ts";
import { treeEvaluator } from "../../core/trees/tree-evaluator.ts";

const features = 60;
const batchRows = 1024;
const explainedBatchRows = 64;
const millisecondsPerAnswer = 60;

const [folder, runtime] = process.argv.slice(2);
if (!folder || !runtime) throw new Error("usage: node leadgauge.ts FOLDER wasm|javascript");
const rows = readNumbers("rows.f64");
const count = rows.length / features;
const singleRows = Array.from({ length: count }, (_, i) => rows.slice(i * features, (i + 1) * features));
const evaluators = new Map<string, Evaluator>();
const explainers = new Map<string, TreeExplainer>();

for await (const line of createInterface({ input: process.stdin })) {
  const [model = "", mode = ""] = line.split(" ");
  process.stdout.write(`${mode.startsWith("explain") ? explain(model, mode) : evaluate(model, mode)}\n`);
}

function evaluate(model: string, mode: string): number {
  const evaluator = evaluators.get(model) ?? loadModel(model);
  evaluators.set(model, evaluator);
  return mode === "one" ? measureOne(evaluator) : measureBatch(evaluator);
}

function explain(model: string, mode: string): number {
  const explainer = explainers.get(model) ?? loadExplainer(model);
  explainers.set(model, explainer);
  const together = rows.subarray(0, (mode === "explain-one" ? 1 : explainedBatchRows) * features);
  const weights = new Float64Array(together.length / features).fill(1);
  const out = new Float64Array(together.length);
  let next = 0;
  return mode === "explain-one"
    ? median(() => {
        explainer.contributions(singleRows[next++ % count] as Float64Array, weights, out);
        return 1;
      })
    : median(() => {
        explainer.contributionsOfRows(together, weights, explainedBatchRows, out);
        return explainedBatchRows;
      });
}

function readNumbers(name: string): Float64Array {
  const bytes = readFileSync(join(folder as string, name));
  return new Float64Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length));
}

function loadModel(name: string): Evaluator {
  const { predictor } = load(readFileSync(join(folder as string, name))).raw;
  if (predictor.kind !== "trees") throw new Error(`${name} has no trees`);
  const evaluator = treeEvaluator(predictor, { webAssembly: runtime === "wasm" });
  const expected = readNumbers(`${name}.margins.f64`);
  const together = new Float64Array(count);
  evaluator.margins(rows, count, together);
  const margin = new Float64Array(1);
  for (let i = 0; i < count; i++) {
    evaluator.margin(singleRows[i] as Float64Array, margin);
    if (margin[0] !== expected[i] || together[i] !== expected[i]) {
      throw new Error(`${name}, row ${i}: ${margin[0]} and ${together[i]}; the library says ${expected[i]}`);
    }
  }
  return evaluator;
}

function loadExplainer(name: string): TreeExplainer {
  const { predictor } = load(readFileSync(join(folder as string, name))).raw;
  if (predictor.kind !== "trees") throw new Error(`${name} has no trees`);
  const fieldOfColumn = Int32Array.from({ length: features }, (_, column) => column);
  return new TreeExplainer(predictor, fieldOfColumn, { webAssembly: runtime === "wasm" });
}

function measureOne(evaluator: Evaluator): number {
  const out = new Float64Array(1);
  let next = 0;
  return median(() => {
    for (let i = 0; i < 64; i++) evaluator.margin(singleRows[next++ % count] as Float64Array, out);
    return 64;
  });
}

function measureBatch(evaluator: Evaluator): number {
  const some = rows.subarray(0, batchRows * features);
  const out = new Float64Array(batchRows);
  return median(() => {
    evaluator.margins(some, batchRows, out);
    return batchRows;
  });
}

/** The median microseconds a row over many short runs. */
function median(work: () => number): number {
  work();
  const samples: number[] = [];
  const end = performance.now() + millisecondsPerAnswer;
  while (performance.now() < end || samples.length < 3) {
    const startedAt = performance.now();
    const done = work();
    samples.push(((performance.now() - startedAt) / done) * 1000);
  }
  return samples.sort((a, b) => a - b)[samples.length >> 1] as number;
}
