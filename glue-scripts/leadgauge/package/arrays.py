"""Arrays of numbers in a serving file: `{ type, data }`, the smallest type that loses nothing."""

import base64
from typing import Any

import numpy as np
import numpy.typing as npt

_TYPES: dict[str, str] = {
    "uint8": "u1",
    "int8": "i1",
    "uint16": "<u2",
    "int16": "<i2",
    "int32": "<i4",
    "float32": "<f4",
    "float64": "<f8",
}


def encode_array(numbers: npt.NDArray[Any]) -> dict[str, str]:
    """Row-major, little-endian, base64. Raises ValueError for a number that is not finite."""
    doubles = np.ascontiguousarray(numbers, dtype=np.float64).ravel()
    if not np.isfinite(doubles).all():
        raise ValueError("an array of a model holds a number that is not finite")
    name, stored = "float64", doubles
    for name, code in _TYPES.items():  # noqa: B007 (the name that fits is the answer)
        with np.errstate(all="ignore"):
            stored = doubles.astype(code)
        if np.array_equal(
            stored.astype(np.float64).view(np.int64), doubles.view(np.int64)
        ):  # bits, so that -0 counts
            break
    return {"type": name, "data": base64.b64encode(stored.tobytes()).decode("ascii")}


def decode_array(packed: dict[str, str]) -> npt.NDArray[np.float64]:
    """The numbers of an encoded array as doubles."""
    return np.frombuffer(base64.b64decode(packed["data"]), dtype=_TYPES[packed["type"]]).astype(np.float64)
