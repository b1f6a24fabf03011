import { ensembleOf, type ServedTrees } from "./compact-trees.ts";
import type { TreeEnsemble } from "./ensemble.ts";
import type { Evaluator } from "./evaluator.ts";
import { chooseLayout } from "./layouts/choose.ts";
import { DirectEvaluator } from "./layouts/direct-evaluator.ts";
import { FlagEvaluator } from "./layouts/flag-evaluator.ts";

export interface EvaluatorOptions {
  /** False: the kernels' twin in JavaScript even where WebAssembly is to be had. Default: true. */
  readonly webAssembly?: boolean;
}

/** Gives the evaluator that suits the model's shape. Margins are those of the library that trained it, to the bit. */
export function treeEvaluator(
  model: TreeEnsemble | ServedTrees,
  { webAssembly = true }: EvaluatorOptions = {},
): Evaluator {
  const layout = chooseLayout(model);
  return layout.kind === "direct"
    ? new DirectEvaluator(model.kind === "trees" ? model : ensembleOf(model))
    : new FlagEvaluator(layout.trees, layout.kind, webAssembly);
}
