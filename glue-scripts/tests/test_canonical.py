"""Canonical JSON: number texts of ECMAScript, key order, what is refused."""

import math
import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leadgauge.canonical import canonical_file, canonical_json, number_text

# RFC 8785, appendix B, by the doubles' bits.
RFC_8785 = [
    ("0000000000000000", "0"),
    ("8000000000000000", "0"),
    ("0000000000000001", "5e-324"),
    ("8000000000000001", "-5e-324"),
    ("7fefffffffffffff", "1.7976931348623157e+308"),
    ("4340000000000000", "9007199254740992"),
    ("4430000000000000", "295147905179352830000"),
    ("44b52d02c7e14af5", "9.999999999999997e+22"),
    ("44b52d02c7e14af6", "1e+23"),
    ("444b1ae4d6e2ef4e", "999999999999999700000"),
    ("444b1ae4d6e2ef4f", "999999999999999900000"),
    ("444b1ae4d6e2ef50", "1e+21"),
    ("3eb0c6f7a0b5ed8c", "9.999999999999997e-7"),
    ("3eb0c6f7a0b5ed8d", "0.000001"),
    ("41b3de4355555553", "333333333.3333332"),
    ("41b3de4355555557", "333333333.33333343"),
    ("becbf647612f3696", "-0.0000033333333333333333"),
    ("43143ff3c1cb0959", "1424953923781206.2"),
]


def of_bits(bits: str) -> float:
    return float(struct.unpack(">d", bytes.fromhex(bits))[0])


@pytest.mark.parametrize(("bits", "text"), RFC_8785)
def test_number_text_is_that_of_rfc_8785(bits: str, text: str) -> None:
    assert number_text(of_bits(bits)) == text


def test_numbers_that_json_lacks() -> None:
    assert [number_text(value) for value in (math.nan, math.inf, -math.inf)] == [
        "NaN",
        "Infinity",
        "-Infinity",
    ]
    for value in (math.nan, math.inf, 2**53 + 1):
        with pytest.raises(ValueError, match=r"number|exact"):
            canonical_json({"a": [value]})


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_number_text_reads_back_as_the_same_double(value: float) -> None:
    assert float(number_text(value)) == value


def test_keys_are_sorted_by_utf_16_units() -> None:
    # By code points U+FB33 would come before the emoji, whose first UTF-16 unit is U+D83D.
    text = canonical_json(
        {"\u20ac": 1, "\r": 2, "\ufb33": 3, "1": 4, "\U0001f600": 5, "\u0080": 6, "\u00f6": 7}
    )
    assert [int(part[-1]) for part in text.strip("{}").split(",")] == [2, 4, 6, 7, 1, 5, 3]


def test_texts_and_nesting() -> None:
    assert canonical_json({"b": [True, False, None, 1.0, 'é\n\u0000"\\/'], "a": {}}) == (
        '{"a":{},"b":[true,false,null,1,"é\\n\\u0000\\"\\\\/"]}'
    )
    assert canonical_file([]) == b"[]\n"
    with pytest.raises(TypeError):
        canonical_json({"a": {1, 2}})
