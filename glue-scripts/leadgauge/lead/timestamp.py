"""Timestamps as milliseconds since 1970-01-01T00:00:00Z (docs/feature-spec.md, rule 8)."""

import re
from datetime import UTC, datetime, timedelta
from functools import lru_cache

MILLISECONDS_A_DAY = 86_400_000
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
EARLIEST = -62_135_596_800_000.0  # 0001-01-01T00:00:00.000Z
LATEST = 253_402_300_799_999.0  # 9999-12-31T23:59:59.999Z

_ISO = re.compile(
    r"([0-9]{4})-([0-9]{2})-([0-9]{2})"
    r"(?:[T ]([0-9]{2}):([0-9]{2})(?::([0-9]{2})(?:\.([0-9]{1,9}))?)?(Z|[+-][0-9]{2}:[0-9]{2})?)?"
)
_TOKENS = {"YYYY": 4, "MM": 2, "DD": 2, "HH": 2, "mm": 2, "ss": 2}
_FORMAT = re.compile(r"(?:YYYY|MM|DD|HH|mm|ss|[/\-.:,T ])+")
_NAMED = ("iso", "epoch-seconds", "epoch-milliseconds")


def is_format(text: str) -> bool:
    """Whether a spec may name this format: a named one, or tokens with year, month and day, each at most
    once.
    """
    if text in _NAMED:
        return True
    tokens = re.findall("YYYY|MM|DD|HH|mm|ss", text)
    complete = {"YYYY", "MM", "DD"} <= set(tokens) and len(set(tokens)) == len(tokens)
    return complete and _FORMAT.fullmatch(text) is not None


@lru_cache(maxsize=100)
def _pattern(layout: str) -> re.Pattern[str]:
    parts = re.findall("YYYY|MM|DD|HH|mm|ss|.", layout)
    return re.compile(
        "".join(
            f"(?P<{each}>[0-9]{{{_TOKENS[each]}}})" if each in _TOKENS else re.escape(each) for each in parts
        )
    )


def parse_timestamp(text: str, layout: str) -> float | None:
    """Milliseconds of a trimmed text in one written format; None if it does not match or no such date exists."""
    offset_in_minutes = 0
    fraction = ""
    if layout == "iso":
        match = _ISO.fullmatch(text)
        if match is None:
            return None
        year, month, day, hour, minute, second, fraction, zone = (each or "" for each in match.groups())
        if zone not in ("", "Z"):
            hours, minutes = int(zone[1:3]), int(zone[4:6])
            if hours > 23 or minutes > 59:
                return None
            offset_in_minutes = (hours * 60 + minutes) * (-1 if zone[0] == "-" else 1)
    else:
        match = _pattern(layout).fullmatch(text)
        if match is None:
            return None
        found = match.groupdict()
        year, month, day = found["YYYY"], found["MM"], found["DD"]
        hour, minute, second = (found.get(token, "") for token in ("HH", "mm", "ss"))
    try:
        moment = datetime(
            int(year), int(month), int(day), int(hour or 0), int(minute or 0), int(second or 0), tzinfo=UTC
        )
    except ValueError:
        return None
    since = moment - _EPOCH
    seconds = since.days * 86_400 + since.seconds - offset_in_minutes * 60
    return in_range(seconds * 1000.0 + int((fraction + "00")[:3] if fraction else 0))


def in_range(milliseconds: float) -> float | None:
    """The value if it lies in the years 1 to 9999, else None."""
    return milliseconds if EARLIEST <= milliseconds <= LATEST else None


def format_timestamp(milliseconds: float, layout: str) -> str:
    """The inverse of `parse_timestamp`: `iso` with milliseconds and Z, other formats as precise as they are."""
    moment = _EPOCH + timedelta(milliseconds=int(milliseconds))
    if layout == "iso":
        return moment.strftime("%Y-%m-%dT%H:%M:%S.").rjust(20, "0") + f"{moment.microsecond // 1000:03d}Z"
    parts = {
        "YYYY": moment.year,
        "MM": moment.month,
        "DD": moment.day,
        "HH": moment.hour,
        "mm": moment.minute,
        "ss": moment.second,
    }
    return re.sub("|".join(_TOKENS), lambda match: f"{parts[match[0]]:0{_TOKENS[match[0]]}d}", layout)


def timestamp_example(layout: str) -> str:
    """One moment as a format writes it, for people. Its day can't be taken for its month."""
    if layout == "iso":
        return "2024-03-31T10:15:00Z"
    seconds = 1_711_880_100
    if layout.startswith("epoch-"):
        return f"{seconds if layout == 'epoch-seconds' else seconds * 1000} ({layout})"
    return f"{format_timestamp(seconds * 1000, layout)} ({layout})"
