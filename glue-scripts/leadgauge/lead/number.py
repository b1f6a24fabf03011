"""Numbers written as text (docs/feature-spec.md, rule 3)."""

import math
import re
from functools import lru_cache

from leadgauge.spec import NumberFormat


@lru_cache(maxsize=100)
def _pattern(number_format: NumberFormat) -> re.Pattern[str]:
    decimal = re.escape(number_format.decimal)
    whole = "[0-9]+"
    if number_format.group is not None:
        whole = f"(?:[0-9]{{1,3}}(?:{re.escape(number_format.group)}[0-9]{{3}})+|[0-9]+)"
    return re.compile(f"[+-]?(?:{whole}(?:{decimal}[0-9]*)?|{decimal}[0-9]+)(?:[eE][+-]?[0-9]+)?")


def parse_number(text: str, number_format: NumberFormat) -> float | None:
    """The nearest double of a trimmed text, -0 as 0; None if it is no finite number in this format."""
    if _pattern(number_format).fullmatch(text) is None:
        return None
    if number_format.group is not None:
        text = text.replace(number_format.group, "")
    value = float(text.replace(number_format.decimal, "."))
    return value + 0.0 if math.isfinite(value) else None
