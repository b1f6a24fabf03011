/** What is needed to score: serving.json as docs/model-package.md tells it. `read-serving` reads and checks one. */
import type { ServedTrees } from "../trees/compact-trees.ts";
import type { TreeEnsemble } from "../trees/ensemble.ts";

export type Scale =
  | { readonly kind: "standard"; readonly mean: number; readonly deviation: number }
  | { readonly kind: "minmax"; readonly multiply: number; readonly add: number };

interface ColumnOf<Op extends string> {
  readonly name: string;
  /** A field's or derived value's name. */
  readonly input: string;
  /** The field that the column's contribution is told under. */
  readonly field: string;
  readonly op: Op;
}

/** How one model input is made. */
export type Column =
  | (ColumnOf<"number"> & { readonly impute: number | null; readonly scale: Scale | null })
  | ColumnOf<"is-missing">
  | (ColumnOf<"is-category"> & { readonly category: string; readonly missingAs: string | null })
  | (ColumnOf<"is-rare"> & { readonly known: readonly string[]; readonly missingAs: string | null })
  | (ColumnOf<"category-code"> & {
      readonly known: readonly string[];
      readonly missingAs: string | null;
      readonly rareCode: boolean;
    });

export interface LinearPredictor {
  readonly kind: "linear";
  readonly outputs: number;
  /**
   * `float32` (imported models of XGBoost's gblinear): values, products and sums are rounded to float32, and a missing
   * value counts nothing. `float64`: no value may be missing.
   */
  readonly precision: "float32" | "float64";
  /** outputs x columns, row-major. */
  readonly coefficients: Float64Array;
  readonly intercepts: Float64Array;
}

export type Predictor = LinearPredictor | TreeEnsemble | ServedTrees;

export type Calibration =
  | {
      readonly method: "platt";
      readonly input: CalibrationInput;
      readonly slope: number;
      readonly intercept: number;
    }
  | { readonly method: "isotonic"; readonly margins: Float64Array; readonly probabilities: Float64Array }
  | { readonly method: "temperature"; readonly input: CalibrationInput; readonly temperature: number }
  /** Each class has a sigmoid of its own, of slope x margin (imported models of LightGBM's multiclassova). */
  | {
      readonly method: "temperature";
      readonly input: "one-vs-rest";
      readonly slope: number;
      readonly temperature: number;
    };
export type CalibrationInput = "margin" | "probability";

export interface Tier {
  readonly name: string;
  readonly action: string;
  /** Null in the last tier. */
  readonly minimumProbability: number | null;
  /** Binary models: the tier holds from this margin on; null in the last tier. */
  readonly cut: number | null;
  /** Ordered models: the class whose probability is compared; undefined in a tier without one. */
  readonly class: string | undefined;
}

export interface Serving {
  readonly model: string;
  readonly family: string;
  readonly moment: string;
  readonly task: "binary" | "ordered";
  readonly classes: readonly string[];
  readonly columns: readonly Column[];
  readonly predictor: Predictor;
  /** Binary models: the predictor has two outputs, whose difference, the second less the first, is the margin (imported softmax of two classes). */
  readonly isDifference: boolean;
  readonly calibration: Calibration;
  /** Binary models: at this margin and above it, the second class. */
  readonly predictionCut: number | null;
  readonly score: {
    readonly scale: "probability" | "percentile";
    readonly cuts: Float64Array | null;
    readonly weights: Float64Array | null;
  };
  readonly percentileCuts: Float64Array;
  readonly tiers: readonly Tier[];
  readonly explanation: {
    readonly unit: "log-odds" | "probability" | "margin";
    /** Why the model has no contributions; null: it has. */
    readonly noContributions: string | null;
    /** By margin. Empty where there are no contributions. */
    readonly baseline: Float64Array;
    readonly means: Float64Array | null;
  };
}
