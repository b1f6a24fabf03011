import type { TreeEnsemble } from "./ensemble.ts";
import type { LinearModel } from "./linear/linear-model.ts";
import type { Link } from "./links/link.ts";

export type ModelFormat = "xgboost-json" | "xgboost-ubjson" | "lightgbm-text" | "leadgauge-predictor";

/** A model file, read: what every importer gives and what is evaluated. Plain data, but for the link. */
export interface RawModel {
  readonly format: ModelFormat;
  /** Who wrote the file, such as `3.2.0`; absent where the file doesn't tell. */
  readonly libraryVersion?: string;
  /** The model family, such as `random-forest`; absent where the format tells it. */
  readonly family?: string;
  /** As the library names it, such as `binary:logistic`. */
  readonly objective: string;
  /** Columns of a row. */
  readonly features: number;
  readonly featureNames?: readonly string[];
  /** By column, what its codes stood for in the training data; undefined where the file doesn't tell. */
  readonly categories?: readonly (CategoryCodes | undefined)[];
  /** True: a category that isn't among them is missing (scikit-learn, LightGBM). Absent: it is an error (XGBoost). */
  readonly unknownCategoriesAreMissing?: boolean;
  /** Gives the margins, unconverted. */
  readonly predictor: TreeEnsemble | LinearModel;
  /** From the margins to what the library's `predict` answers. */
  readonly link: Link;
  /** Why the model has no contributions; absent where it has them. */
  readonly noContributions?: string;
  readonly rounds: {
    readonly total: number;
    /** Those up to the best one, where training stopped early. */
    readonly best?: number;
  };
}

/** From a category's name (or, for categories that are numbers, from the number) to its code. */
export type CategoryCodes = ReadonlyMap<string | number, number>;

export interface ReadOptions {
  /**
   * `all` (default): every round in the file, as `Booster.predict` of either library does. `best`: only those up to the
   * best iteration that early stopping recorded, as XGBoost's scikit-learn classes do; refused where none is recorded.
   */
  readonly rounds?: "all" | "best";
}
