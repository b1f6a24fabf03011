"""Made-up leads: drawn from a spec and a profile (or made up where it is empty), then mangled. They serve
golden rows and tests, never training.
"""

from typing import Any

import numpy as np

from leadgauge.canonical import number_text
from leadgauge.lead.timestamp import format_timestamp
from leadgauge.spec import Field, NumberFormat, Spec

_BAD_TEXTS = (
    "abc",
    "1.2.3",
    "1,2,34",
    "12 34",
    "NaN",
    "Infinity",
    "-inf",
    "0x1F",
    "1e999",
    "--5",
    "٣",
    "2021-02-30",
    "½",
)
_ODD_NUMBERS = (
    0.0,
    -0.0,
    5e-324,
    -5e-324,
    1e-36,
    -1e-36,
    1e-35,
    0.1,
    1e15,
    -1.0,
    16777217.0,
    0.30000001192092896,
)
_UNSEEN = ("Zzyzx", "a value nobody has seen", "ÄÖÜ ß İ ﬁ", "🙂 lead", "<b>x</b>", "=1+1", "toString")
_MADE_UP_CATEGORIES = ("Alpha", "beta one", "Gamma-2", "Δ", "Épsilon & Co", "zeta")
_MADE_UP_NUMBERS = (0.0, 1.0, 2.0, 5.0, 10.0, 100.0)
_MADE_UP_TIMES = (1_600_000_000_000.0, 1_700_000_000_000.0)
_UNKNOWN_KEYS = ("__proto__", "constructor", "utm_term_extra", "", " ", "hasOwnProperty")


class LeadSampler:
    """Draws leads. `thresholds`: numbers to hit exactly, by field name. The same generator state gives the
    same leads.
    """

    def __init__(
        self,
        spec: Spec,
        profile: dict[str, Any],
        thresholds: dict[str, list[float]],
        random: np.random.Generator,
    ) -> None:
        self._spec = spec
        self._profile = profile["fields"]
        self._thresholds = thresholds
        self._random = random

    def lead(self) -> dict[str, Any]:
        """One lead: mostly ordinary values, some missing, and now and then something odd or wrong."""
        oddity = self._random.choice(
            ["none", "odd", "threshold", "wrong", "unknown", "twice"], p=[0.4, 0.25, 0.2, 0.08, 0.05, 0.02]
        )
        missing_share = self._random.choice([0.02, 0.2, 0.6, 1.0], p=[0.5, 0.3, 0.18, 0.02])
        lead: dict[str, Any] = {}
        for field in self._spec.fields:
            if self._chance(missing_share) and not (field.required and self._chance(0.9)):
                if self._chance(0.4):
                    lead[self._key(field)] = self._missing(field)
                continue
            if oddity == "threshold" and field.name in self._thresholds and self._chance(0.5):
                raw: Any = self._pick(self._thresholds[field.name])
                raw = self._written(field, raw) if self._chance(0.5) else raw
            elif oddity == "odd" and self._chance(0.15):
                raw = self._odd(field)
            else:
                raw = self._ordinary(field)
            lead[self._key(field)] = raw
        fields = self._spec.fields
        if oddity == "wrong":
            field = self._pick(fields)
            lead[field.name] = self._pick([*_BAD_TEXTS, True, {"a": 1}, [1], "nul\0", 1e300])
        elif oddity == "unknown":
            lead[self._pick(_UNKNOWN_KEYS)] = self._pick(["x", 1, None])
        elif oddity == "twice" and (present := [name for name in lead if name.upper() not in lead]):
            name = self._pick(present)
            lead[f" {name.upper()} "] = lead[name]
        return lead

    def _of(self, field: Field) -> dict[str, Any]:
        profile: dict[str, Any] = self._profile.get(field.name, {})
        return profile

    def _chance(self, share: float) -> bool:
        return bool(self._random.random() < share)

    def _pick(self, items: Any) -> Any:
        return items[int(self._random.integers(len(items)))]

    def _key(self, field: Field) -> str:
        key = self._pick([field.name, *field.aliases]) if self._chance(0.2) else field.name
        return f"  {key} " if self._chance(0.01) else str(key)

    def _missing(self, field: Field) -> Any:
        return self._pick([None, "", "   ", "\u00a0", *field.null_tokens])

    def _ordinary(self, field: Field) -> Any:
        if field.type in ("category", "ordinal"):
            return self._category(field)
        if field.type == "boolean":
            truth = self._chance(0.5)
            token = self._pick(field.true_tokens if truth else field.false_tokens)
            return self._pick([truth, token, token, f" {token.upper()}"])
        value = self._number(field)
        if field.type == "timestamp":
            return self._timestamp(field, value)
        return value if self._chance(0.5) else self._written(field, value)

    def _category(self, field: Field) -> str:
        counts = self._of(field).get("counts") or {}
        names = (
            list(counts)
            if field.type == "category" and counts
            else list(field.levels or field.groups or _MADE_UP_CATEGORIES)
        )
        text = str(self._pick(names))
        members = (field.groups or {}).get(text, ())
        if members and self._chance(0.6):
            text = str(self._pick(members))
        return f"  {text}\t" if self._chance(0.05) else text

    def _number(self, field: Field) -> float:
        default = _MADE_UP_TIMES if field.type == "timestamp" else _MADE_UP_NUMBERS
        quantiles = self._of(field).get("quantiles") or default
        place = self._random.random() * (len(quantiles) - 1)
        low, high = quantiles[int(place)], quantiles[int(place) + 1]
        value = low + (high - low) * (place - int(place))
        whole = field.type != "number" or self._of(field).get("integer", False)
        return float(round(value)) if whole else float(f"{value:.6g}")

    def _odd(self, field: Field) -> Any:
        if field.type in ("category", "ordinal"):
            return self._pick(
                [*_UNSEEN, self._category(field).upper(), self._category(field).lower(), 1, 2.5, True]
            )
        if field.type in ("number", "integer"):
            if field.bounds is not None and self._chance(0.7):
                low = -1e6 if field.bounds.min is None else field.bounds.min
                high = 1e6 if field.bounds.max is None else field.bounds.max
                return self._pick([low, high, low - 1, high + 1, low - 1e9, high + 1e9])
            value = self._pick(_ODD_NUMBERS)
            return value if field.type == "number" else float(int(value))
        return self._ordinary(field)

    def _written(self, field: Field, value: float) -> str:
        text = write_number(value, field.number_format)
        if field.number_format.affixes and self._chance(0.5):
            affix = self._pick(field.number_format.affixes)
            return str(self._pick([f"{affix}{text}", f"{text} {affix}", f" {text}{affix} "]))
        return str(self._pick([text, text, f" {text} ", f"+{text}" if value >= 0 else text]))

    def _timestamp(self, field: Field, milliseconds: float) -> Any:
        layout = self._pick(field.formats)
        if layout.startswith("epoch-"):
            number = milliseconds / (1000 if layout == "epoch-seconds" else 1)
            return number if self._chance(0.5) else write_number(number, field.number_format)
        return format_timestamp(milliseconds, layout)


def write_number(value: float, number_format: NumberFormat) -> str:
    """The number in a file's format, with every digit that the double needs."""
    sign, body = ("-", number_text(-value)) if value < 0 else ("", number_text(value))
    mantissa, mark, exponent = body.partition("e")
    whole, _, fraction = mantissa.partition(".")
    if number_format.group is not None and len(whole) > 3:
        head = len(whole) % 3 or 3
        whole = number_format.group.join(
            [whole[:head], *(whole[at : at + 3] for at in range(head, len(whole), 3))]
        )
    return sign + whole + (number_format.decimal + fraction if fraction else "") + mark + exponent


def threshold_values(spec: Spec, serving: dict[str, Any]) -> dict[str, list[float]]:
    """By field: values exactly on a threshold of the trees, and one unit in the last place either side."""
    predictor = serving["predictor"]
    if predictor["kind"] == "linear":
        return {}
    types = {field.name: field.type for field in spec.fields}
    found: dict[str, set[float]] = {}
    for position, column in enumerate(serving["columns"]):
        kind = types.get(column["input"])
        if column["op"] != "number" or column["scale"] is not None or kind not in ("number", "integer"):
            continue
        for threshold in np.unique(predictor["threshold"][predictor["feature"] == position])[:200]:
            if abs(threshold) > 1e15:
                continue
            near = [float(threshold)] + [float(np.nextafter(threshold, way)) for way in (-np.inf, np.inf)]
            if predictor["input"] == "float32":
                single = np.float32(threshold)
                near += [float(np.nextafter(single, np.float32(way))) for way in (-np.inf, np.inf)]
            if kind == "integer":
                near = [float(np.floor(threshold)), float(np.floor(threshold)) + 1.0]
            found.setdefault(column["input"], set()).update(value + 0.0 for value in near)
    return {name: sorted(values) for name, values in found.items()}
