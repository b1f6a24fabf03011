"""Texts that stand in an order: levels in words, numbered levels, and bands of numbers."""

import re
from collections.abc import Sequence

from leadgauge.init.words import SCALES
from leadgauge.lead.number import parse_number
from leadgauge.lead.text import case_fold
from leadgauge.spec import NumberFormat

_NUMBERED = re.compile(r"0*(\d{1,3})\s*[.)_:\-]\s*([^\d\s].*)")
MAX_LENGTH = 60
_AMOUNT = r"(\d[\d.,]*)\s?k?"
_BAND = re.compile(
    r"(?:(?:<=?|>=?|≤|≥|under|over|up to|above|below|less than|more than)\s?)?"
    + rf"(?P<sign>[$€£]?)\s?{_AMOUNT}"
    + rf"(?:\s?(?:-|\u2013|to)\s?[$€£]?\s?{_AMOUNT}|\s?\+|\s?(?:or|and) (?:more|over|above|older))?"
    + r"\s?(?P<unit>[a-z%]{0,12})"
)


def order_of(texts: Sequence[str]) -> list[str] | None:
    """The texts from low to high, if they are levels of one scale; None if they are not."""
    if any(len(text) > MAX_LENGTH for text in texts):
        return None
    return _by_scale(texts) or _by_band(texts)


def _by_scale(texts: Sequence[str]) -> list[str] | None:
    """Levels such as Low, Medium, High, also numbered (`02.Medium`): by the words, or else by the numbers."""
    if not 2 <= len(texts) <= 12:
        return None
    numbered = {text: _NUMBERED.fullmatch(text) for text in texts}
    words = {
        text: case_fold(match[2] if match else text).replace("_", " ") for text, match in numbered.items()
    }
    for scale in SCALES:
        if set(words.values()) <= set(scale) and len(set(words.values())) == len(texts):
            return sorted(texts, key=lambda text: scale.index(words[text]))
    numbers = [int(match[1]) for match in numbered.values() if match]
    if len(numbers) == len(texts) and len(set(numbers)) == len(numbers):
        return [text for _, text in sorted(zip(numbers, texts, strict=True))]
    return None


def _by_band(texts: Sequence[str]) -> list[str] | None:
    """Bands such as `18-25`, `26-35`, `36+`: by their first number, `<18` before `18-25`."""
    if not 3 <= len(texts) <= 30 or all(text.isdigit() for text in texts):
        return None
    keys = {}
    signs, units = set(), set()
    for text in texts:
        match = _BAND.fullmatch(case_fold(text))
        if match is None:
            return None
        signs.add(match["sign"])
        units.add(match["unit"].removesuffix("s"))
        first = parse_number(match[2].replace(",", "").rstrip("."), NumberFormat())
        if first is None:
            return None
        below = case_fold(text).startswith(("<", "≤", "under", "up to", "below"))
        keys[text] = (first, -1 if below else 0)
    # Three weeks are no more than twelve days, nor $3 less than €14.
    if len(signs - {""}) > 1 or len(units - {""}) > 1 or len(set(keys.values())) < len(keys):
        return None
    return sorted(texts, key=lambda text: keys[text])
