"""Signs of money and percent around numbers, and negatives in parentheses: what a column's `numberFormat` must allow."""

import re
from dataclasses import dataclass, replace

from leadgauge.init.column import Column
from leadgauge.lead.number import bare_text
from leadgauge.spec import NumberFormat

# Signs of one line mean the same. Units such as kg or days are not listed: "12 days" beside "3 weeks" would read as 12 and 3.
_MEANINGS = (
    ("%", "percent", "pct", "Prozent"),
    ("$", "US$", "USD"),
    ("€", "EUR", "Euro"),
    ("£", "GBP"),
    ("₹", "Rs.", "Rs", "INR"),
    ("¥", "JPY"),
    ("C$", "CA$", "CAD"),
    ("A$", "AU$", "AUD"),
    ("R$", "BRL"),
    ("CHF", "Fr.", "SFr."),
    ("kr", "kr.", "SEK", "NOK", "DKK"),
    ("zł", "PLN"),
    ("Kč", "CZK"),
    ("CNY",), ("NZD",), ("SGD",), ("HKD",), ("ZAR",), ("MXN",), ("AED",), ("₺", "TRY"), ("₩", "KRW"), ("₽", "RUB"), ("₪", "ILS"),
)  # fmt: skip
_MEANING = {sign.casefold(): index for index, signs in enumerate(_MEANINGS) for sign in signs}
_AROUND = re.compile(
    r"(?P<before>[^\d()]*)(?:\((?P<inner>[^\d()]*))?\d(?:[^()]*\d)?[.,]?(?P<inner_after>[^\d()]*)(?P<close>\)?)(?P<after>[^\d()]*)"
)


def has_sign(text: str) -> bool:
    """Whether a sign of money or percent stands with digits."""
    return any(c.isdigit() for c in text) and any(
        sign in text for signs in _MEANINGS for sign in signs if not sign.isalpha()
    )


@dataclass(frozen=True)
class Affixes:
    """What stands around the digits of a column's texts."""

    texts: tuple[str, ...] = ()
    """The signs as they are written, in order."""
    in_parentheses: bool = False

    def __bool__(self) -> bool:
        return bool(self.texts) or self.in_parentheses

    def allowed_by(self, number_format: NumberFormat) -> NumberFormat:
        return replace(number_format, affixes=self.texts, negative_in_parentheses=self.in_parentheses)

    def without(self, column: Column) -> Column:
        """The column with bare numbers; texts that are none stay as they are."""
        own = self.allowed_by(NumberFormat())
        return replace(column, texts=tuple(bare_text(text, own) or text for text in column.texts))


NO_AFFIXES = Affixes()


def find_affixes(column: Column) -> Affixes:
    """The signs of one meaning that stand around a column's numbers; none where they differ in meaning, or are not known."""
    if column.typed:
        return NO_AFFIXES
    found: set[str] = set()
    in_parentheses = False
    for text in column.texts:
        match = _AROUND.fullmatch(text)
        if match is None:
            continue
        in_parentheses |= match["inner"] is not None and match["close"] == ")"
        parts = [match["before"], match["inner"] or "", match["inner_after"], match["after"]]
        found |= {sign for part in parts if (sign := part.strip().lstrip("+-").rstrip("+-").strip())}
    meanings = {_MEANING.get(sign.casefold()) for sign in found}
    if len(meanings) > 1 or None in meanings:
        return NO_AFFIXES
    return Affixes(tuple(sorted(found)), in_parentheses)
