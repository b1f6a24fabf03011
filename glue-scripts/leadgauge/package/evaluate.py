"""Reference evaluator of a package's predictor, for checks: the operations of serving, over many rows at
once.
"""

from typing import Any

import numpy as np
import numpy.typing as npt

Doubles = npt.NDArray[np.float64]
TINY = 1.0000000180025095e-35  # float32(1e-35), the width of LightGBM's zero


def evaluate(predictor: dict[str, Any], inputs: Doubles) -> Doubles:
    """Margins of model inputs (rows, columns): shape (rows, outputs), or (rows, 1) where the margin is a difference of two outputs."""
    outputs = _linear(predictor, inputs) if predictor["kind"] == "linear" else _trees(predictor, inputs)
    return as_margins(predictor, outputs)


def as_margins(predictor: dict[str, Any], outputs: Doubles) -> Doubles:
    """What belongs to the outputs, along the last axis, as it belongs to the margins: of a softmax of two classes that makes a
    binary model (`difference`), the second less the first.
    """
    if not predictor.get("difference", False):
        return outputs
    with np.errstate(invalid="ignore"):
        return np.asarray(outputs[..., 1:] - outputs[..., :1], dtype=np.float64)


def _trees(predictor: dict[str, Any], inputs: Doubles) -> Doubles:
    prepared = prepare(predictor, inputs)
    sum_type = np.float32 if predictor["accumulate"] == "float32" else np.float64
    base = np.tile(np.asarray(predictor["base"], dtype=sum_type), (len(inputs), 1))
    base_last = predictor.get("baseLast", False)
    sums = np.zeros_like(base) if base_last else base
    for tree, output in enumerate(predictor["treeOutput"]):
        leaves = find_leaves(predictor, tree, prepared)
        values = predictor["value"][leaves].astype(sum_type)
        if "linearLeaves" in predictor:
            values = _linear_values(predictor["linearLeaves"], leaves, prepared, values)
        if predictor["valuesPerLeaf"] == 1:
            sums[:, output] += values[:, 0]
        else:
            sums += values
    margins = (sums + base if base_last else sums).astype(np.float64)
    return margins if predictor["divide"] is None else margins / predictor["divide"]


def _linear_values(
    linear: dict[str, Any], leaves: npt.NDArray[np.int64], prepared: Doubles, values: Doubles
) -> Doubles:
    """Constant + sum of coefficient x feature, term by term; the leaf's plain value where it has none or a feature is missing."""
    values = values.copy()
    ends = np.cumsum(linear["count"])
    for place in np.flatnonzero(np.isin(linear["node"], leaves)):
        rows = np.flatnonzero(leaves == linear["node"][place])
        terms = slice(ends[place] - linear["count"][place], ends[place])
        inputs = prepared[np.ix_(rows, linear["column"][terms])]
        sums = np.full(len(rows), linear["constant"][place])
        with np.errstate(over="ignore", invalid="ignore"):
            for term, coefficient in enumerate(linear["coefficient"][terms]):
                sums = sums + coefficient * inputs[:, term]
        values[rows, 0] = np.where(np.isnan(inputs).any(axis=1), values[rows, 0], sums)
    return values


def _linear(predictor: dict[str, Any], inputs: Doubles) -> Doubles:
    if predictor.get("precision") == "float32":
        return _single_precision_linear(predictor, inputs)
    margins = np.tile(predictor["intercepts"], (len(inputs), 1))
    for column in range(inputs.shape[1]):
        margins = margins + inputs[:, column : column + 1] * predictor["coefficients"][:, column]
    return np.asarray(margins, dtype=np.float64)


def _single_precision_linear(predictor: dict[str, Any], inputs: Doubles) -> Doubles:
    """As XGBoost's gblinear: every operation in float32, a missing value left out."""
    coefficients = predictor["coefficients"].astype(np.float32)
    margins = np.tile(predictor["intercepts"].astype(np.float32), (len(inputs), 1))
    with np.errstate(over="ignore", invalid="ignore"):
        values = inputs.astype(np.float32)
        for column in range(inputs.shape[1]):
            value = values[:, column : column + 1]
            margins = np.where(np.isnan(value), margins, margins + value * coefficients[:, column])
    return np.asarray(margins, dtype=np.float64)


def prepare(predictor: dict[str, Any], inputs: Doubles) -> Doubles:
    """Inputs as the trees compare them: rounded to float32, or tiny ones as 0, where the predictor says so."""
    if predictor["input"] == "float32":
        with np.errstate(over="ignore"):
            inputs = inputs.astype(np.float32).astype(np.float64)
    if predictor["flushTiny"]:
        inputs = np.where(np.abs(inputs) <= TINY, 0.0, inputs)
    return inputs


def goes_left(
    predictor: dict[str, Any], node: npt.NDArray[np.int64], values: Doubles
) -> npt.NDArray[np.bool_]:
    """Which way each value goes at its (absolute) node; the arrays have one shape, or node broadcasts to values'."""
    missing = np.isnan(values)
    if "zeroMissing" in predictor:
        missing |= (predictor["zeroMissing"][node] == 1) & (values == 0)
    left = np.where(missing, predictor["missingLeft"][node] == 1, values <= predictor["threshold"][node])
    if "categorySet" in predictor and (predictor["categorySet"][node] >= 0).any():
        used, index = np.unique(predictor["categorySet"][node], return_inverse=True)
        sets = [predictor["categorySets"][each] if each >= 0 else [] for each in used]
        # The last code of the table stands for every one that no set names.
        member = np.zeros((len(sets), max(max(codes, default=0) for codes in sets) + 2), dtype=bool)
        for row, codes in enumerate(sets):
            member[row, codes] = True
        last = member.shape[1] - 1
        codes = np.where(missing | (values < 0) | (values >= last), last, values).astype(np.int64)
        is_set = predictor["categorySet"][node] >= 0
        listed = member[index.reshape(node.shape), codes]
        goes = ~listed if predictor.get("listedGo") == "right" else listed
        left = np.where(is_set & ~missing, goes, left)
    return np.asarray(left, dtype=bool)


def find_leaves(predictor: dict[str, Any], tree: int, prepared: Doubles) -> npt.NDArray[np.int64]:
    """The absolute index of the leaf that each row reaches in one tree."""
    start = int(predictor["treeStart"][tree])
    node = np.full(len(prepared), start, dtype=np.int64)
    rows = np.arange(len(prepared))
    active = predictor["feature"][node] >= 0
    while active.any():
        at, row = node[active], rows[active]
        left = goes_left(predictor, at, prepared[row, predictor["feature"][at]])
        node[active] = start + np.where(left, predictor["left"][at], predictor["right"][at])
        active = predictor["feature"][node] >= 0
    return node
