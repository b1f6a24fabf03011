"""Numbers written as text (docs/feature-spec.md, rule 3)."""

import math
import re
from collections.abc import Sequence
from functools import lru_cache

from leadgauge.lead.text import trim
from leadgauge.spec import NumberFormat

_BEGINS_A_NUMBER = re.compile(r"[+-]?[0-9]|\(")


@lru_cache(maxsize=100)
def _pattern(number_format: NumberFormat) -> re.Pattern[str]:
    decimal = re.escape(number_format.decimal)
    whole = "[0-9]+"
    if number_format.group is not None:
        whole = f"(?:[0-9]{{1,3}}(?:{re.escape(number_format.group)}[0-9]{{3}})+|[0-9]+)"
    return re.compile(f"[+-]?(?:{whole}(?:{decimal}[0-9]*)?|{decimal}[0-9]+)(?:[eE][+-]?[0-9]+)?")


def parse_number(text: str, number_format: NumberFormat) -> float | None:
    """The nearest double of a trimmed text, -0 as 0; None if it is no finite number in this format."""
    value = _parse_bare(text, number_format)
    if value is not None or not (number_format.affixes or number_format.negative_in_parentheses):
        return value
    bare = bare_text(text, number_format)
    return None if bare is None else _parse_bare(bare, number_format)


def bare_text(text: str, number_format: NumberFormat) -> str | None:
    """The text without the affixes and parentheses of its format; None where they stand as they must not."""
    longest_first = sorted(number_format.affixes, key=len, reverse=True)
    outside = _without_affixes(text, longest_first)
    bracketed = len(outside) > 1 and outside[0] == "(" and outside[-1] == ")"
    if not (number_format.negative_in_parentheses and bracketed):
        return outside
    inside = trim(outside[1:-1])
    # Affixes stand inside or outside, not both.
    unsigned = _without_affixes(inside, longest_first) if outside == text else inside
    return None if unsigned.startswith(("+", "-")) else f"-{unsigned}"


def _without_affixes(text: str, longest_first: Sequence[str]) -> str:
    """Without at most one affix at each end, and the white space that sets it off; a sign may stand before the first."""
    sign = text[:1] if text.startswith(("+", "-")) else ""
    rest = text[len(sign) :]
    before = next((affix for affix in longest_first if rest.startswith(affix)), None)
    if before is not None:
        behind = trim(rest[len(before) :])
        # With "Rs" declared, "Rs.500" is not a half: behind an affix a number begins with a digit.
        if _BEGINS_A_NUMBER.match(behind) is None:
            return text
        rest = behind
    after = next((affix for affix in longest_first if rest.endswith(affix)), None)
    return sign + (rest if after is None else trim(rest[: -len(after)]))


def _parse_bare(text: str, number_format: NumberFormat) -> float | None:
    if _pattern(number_format).fullmatch(text) is None:
        return None
    if number_format.group is not None:
        text = text.replace(number_format.group, "")
    value = float(text.replace(number_format.decimal, "."))
    return value + 0.0 if math.isfinite(value) else None
