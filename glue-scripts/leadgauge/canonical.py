"""Canonical JSON (RFC 8785), so that the same content always has the same bytes and the same hash."""

import json
import math
from collections.abc import Iterable
from typing import Any


def number_text(value: float) -> str:
    """The text ECMAScript's Number::toString gives a double: ``1`` for 1.0, ``1e+21``, ``NaN``, ``Infinity``."""
    value = float(value)
    if math.isnan(value):
        return "NaN"
    if math.isinf(value):
        return "Infinity" if value > 0 else "-Infinity"
    if value == 0:
        return "0"
    sign = "-" if value < 0 else ""
    # repr gives the shortest digits that round-trip, as ECMAScript does; only the layout differs.
    mantissa, _, exponent_text = repr(abs(value)).partition("e")
    whole, _, fraction = mantissa.partition(".")
    exponent = int(exponent_text or 0)
    digits = (whole + fraction).lstrip("0")
    point = len(whole) + exponent - (len(whole + fraction) - len(digits))
    digits = digits.rstrip("0")
    count = len(digits)
    if count <= point <= 21:
        body = digits + "0" * (point - count)
    elif 0 < point <= 21:
        body = digits[:point] + "." + digits[point:]
    elif -6 < point <= 0:
        body = "0." + "0" * -point + digits
    else:
        scientific = point - 1
        mantissa_text = digits if count == 1 else digits[0] + "." + digits[1:]
        body = f"{mantissa_text}e{'+' if scientific >= 0 else '-'}{abs(scientific)}"
    return sign + body


def _parts(value: Any) -> Iterable[str]:
    if value is None:
        yield "null"
    elif isinstance(value, bool):
        yield "true" if value else "false"
    elif isinstance(value, str):
        yield json.dumps(value, ensure_ascii=False)
    elif isinstance(value, int | float):
        if not math.isfinite(value):
            raise ValueError(f"JSON has no number for {value}")
        if isinstance(value, int) and abs(value) > 2**53:
            raise ValueError(f"{value} is not exact as a double")
        yield number_text(value)
    elif isinstance(value, dict):
        yield "{"
        for position, key in enumerate(sorted(value, key=lambda text: text.encode("utf-16-be"))):
            yield "," if position else ""
            yield json.dumps(key, ensure_ascii=False)
            yield ":"
            yield from _parts(value[key])
        yield "}"
    elif isinstance(value, list | tuple):
        yield "["
        for position, item in enumerate(value):
            yield "," if position else ""
            yield from _parts(item)
        yield "]"
    else:
        raise TypeError(f"{type(value).__name__} is no JSON value")


def canonical_json(value: Any) -> str:
    """RFC 8785 text of plain dicts, lists, texts, finite numbers, booleans and None.

    Raises ValueError for NaN, infinities and integers beyond 2^53; TypeError for other types.
    """
    return "".join(_parts(value))


def canonical_file(value: Any) -> bytes:
    """The bytes of a package's JSON file: canonical, UTF-8, one newline at the end."""
    return (canonical_json(value) + "\n").encode("utf-8")
