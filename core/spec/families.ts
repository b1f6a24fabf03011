/** The model families that can be trained and served. */
export const families = [
  "logistic-regression",
  "decision-tree",
  "random-forest",
  "gradient-boosting",
  "hist-gradient-boosting",
  "xgboost",
  "lightgbm",
] as const;
