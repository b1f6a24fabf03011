"""Rules for text that Python and TypeScript share to the bit (docs/feature-spec.md, "From a raw value to a
value").
"""

import re
from collections.abc import Sequence
from functools import lru_cache

MAXIMUM_TEXT_UNITS = 32_768

# ECMAScript's white space and line ends; Python's own \s differs.
_SPACE = "\t\n\v\f\r \u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000\ufeff"
_ENDS = re.compile(f"\\A[{_SPACE}]+|[{_SPACE}]+\\Z")
_RUNS = re.compile(f"[{_SPACE}]+")
_UNUSABLE = re.compile("[\x00\ud800-\udfff]")

# Only ranges whose lower case no Unicode version since 2016 has changed, and only one-to-one pairs.
_FOLD = {
    code: lower
    for code in (*range(0x0590), *range(0x1E00, 0x2000))
    if len(lower := chr(code).lower()) == 1 and ord(lower) != code
}


def trim(text: str) -> str:
    """Removes ECMAScript white space at both ends."""
    return _ENDS.sub("", text)


def case_fold(text: str) -> str:
    """Lower case of the code points whose case is the same in every runtime."""
    return text.translate(_FOLD)


def normalise_text(text: str, steps: Sequence[str]) -> str:
    """Applies `trim`, `collapse-spaces` and `case-fold`, in this order, as far as `steps` names them."""
    if "trim" in steps:
        text = trim(text)
    if "collapse-spaces" in steps:
        text = _RUNS.sub(" ", text)
    if "case-fold" in steps:
        text = case_fold(text)
    return text


@lru_cache(maxsize=10_000)
def header_key(name: str) -> str:
    """What two headers are compared by."""
    return normalise_text(name, ("trim", "collapse-spaces", "case-fold"))


def is_usable(text: str) -> bool:
    """False for a text with NUL or a lone surrogate, or of more than 32,768 UTF-16 units."""
    if len(text) > MAXIMUM_TEXT_UNITS or _UNUSABLE.search(text):
        return False
    return len(text) * 2 <= MAXIMUM_TEXT_UNITS or len(text.encode("utf-16-le")) <= 2 * MAXIMUM_TEXT_UNITS


def label_key(text: str) -> str:
    """What two labels of a target are compared by."""
    return case_fold(trim(text))
