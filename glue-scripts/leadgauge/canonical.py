"""Canonical JSON (RFC 8785), so that the same content always has the same bytes and the same hash."""

import math
from json.encoder import encode_basestring as _text
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


def _append(value: Any, parts: list[str]) -> None:
    if value is None:
        parts.append("null")
    elif isinstance(value, bool):
        parts.append("true" if value else "false")
    elif isinstance(value, str):
        parts.append(_text(value))
    elif isinstance(value, int):
        if abs(value) > 2**53:
            raise ValueError(f"{value} is not exact as a double")
        parts.append(str(int(value)))
    elif isinstance(value, float):
        if not math.isfinite(value):
            raise ValueError(f"JSON has no number for {value}")
        parts.append(number_text(value))
    elif isinstance(value, dict):
        before = "{"
        for key in sorted(value, key=_utf16):
            parts += (before, _text(key), ":")
            _append(value[key], parts)
            before = ","
        parts.append("}" if value else "{}")
    elif isinstance(value, list | tuple):
        before = "["
        for item in value:
            parts.append(before)
            _append(item, parts)
            before = ","
        parts.append("]" if value else "[]")
    else:
        raise TypeError(f"{type(value).__name__} is no JSON value")


def _utf16(text: str) -> bytes:
    return text.encode("utf-16-be")


def canonical_json(value: Any) -> str:
    """RFC 8785 text of plain dicts, lists, texts, finite numbers, booleans and None.

    Raises ValueError for NaN, infinities and integers beyond 2^53; TypeError for other types.
    """
    parts: list[str] = []
    _append(value, parts)
    return "".join(parts)


def canonical_file(value: Any) -> bytes:
    """The bytes of a package's JSON file: canonical, UTF-8, one newline at the end."""
    return (canonical_json(value) + "\n").encode("utf-8")
