"""The target column: which texts are labels, which class is the event, or in which order the classes stand."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from leadgauge.init.column import MISSING, Column, Ints
from leadgauge.init.levels import order_of
from leadgauge.init.words import FALSE_WORDS, LOST, NULL_WORDS, TRUE_WORDS, UNDECIDED, WON
from leadgauge.lead.number import parse_number
from leadgauge.lead.text import case_fold
from leadgauge.spec import NumberFormat

MAX_CLASSES = 10
MAX_VALUES = 1000
MAX_LENGTH = 256
_ZERO_AND_ONE = {"0": ("0.0", "No", "false"), "1": ("1.0", "Yes", "true")}


class TargetError(ValueError):
    """A column that cannot be a target; the text says why and what to do."""


@dataclass(frozen=True)
class ProposedTarget:
    """`classes`: (name, texts in the file) from worst to best; of a binary target the second is the event.
    `labels`: the class of each row, -1 without a label. `null_tokens`: labels that mean "not known yet"."""

    kind: str
    classes: tuple[tuple[str, tuple[str, ...]], ...]
    labels: Ints
    null_tokens: tuple[str, ...]
    doubts: tuple[str, ...]

    def document(self, name: str) -> dict[str, object]:
        """The spec's `target`."""
        classes: list[dict[str, object]] = []
        for index, (text, values) in enumerate(self.classes):
            entry: dict[str, object] = {"name": text, "values": list(values)}
            if self.kind == "ordered":
                entry["weight"] = round(100 * index / (len(self.classes) - 1), 1)
            classes.append(entry)
        return {
            "field": name,
            "kind": self.kind,
            "classes": classes,
            # Of the target alone: "Open" may be an outcome that is not known yet here, and a category elsewhere.
            **({"nullTokens": list(self.null_tokens)} if self.null_tokens else {}),
            "maturity": "labels-final",
        }


def propose_target(
    column: Column, positive: str | None, order: Sequence[str] | None = None
) -> ProposedTarget:
    """Reads the target column. `positive`: the text of the event, or `order`: those of the classes from worst to best, as the
    caller names them. Raises TargetError."""
    folded = column.folded()
    spelling = _spellings(column, folded)
    counts = {text: int(count) for text, count in zip(folded.texts, folded.counts, strict=True)}
    named = {case_fold(text.strip()) for text in (order or ([positive] if positive is not None else []))}
    nulls = [text for text in counts if text in NULL_WORDS and text not in named]
    decided = [text for text in counts if text not in nulls]
    doubts: list[str] = []
    if len(decided) > MAX_VALUES or any(len(text) > MAX_LENGTH for text in decided):
        raise TargetError(
            f'"{column.name}" has {len(decided):,} different values: it is no outcome such as yes and no. Name another '
            "column, or add one that says which leads converted"
        )
    if order is not None:
        return _in_order(folded, spelling, decided, nulls, [case_fold(text.strip()) for text in order])
    if positive is not None:
        return _against_the_rest(folded, spelling, decided, nulls, case_fold(positive.strip()), doubts)
    undecided = [text for text in decided if text in UNDECIDED]
    if undecided and len(decided) - len(undecided) >= 2 and set(decided) & (WON | LOST):
        shown = ", ".join(f'"{spelling[text][0]}" ({counts[text]:,})' for text in undecided)
        doubts.append(f"leads that are {shown} have no outcome yet and are left out of training")
        nulls += undecided
        decided = [text for text in decided if text not in undecided]
    if len(decided) < 2:
        raise TargetError(_too_few(column, folded, decided, spelling))
    if len(decided) == 2:
        event = _event(decided, counts, doubts)
        return _against_the_rest(folded, spelling, decided, nulls, event, doubts)
    order = order_of(decided) or _by_number(decided)
    if order is not None and len(order) <= MAX_CLASSES:
        doubts.append(
            f"classes in the order {' < '.join(spelling[text][0] for text in order)}: check it, and the weights"
        )
        return _proposed("ordered", folded, [(text, [text]) for text in order], spelling, nulls, doubts)
    won = [text for text in decided if text in WON]
    if len(won) == 1 and len(decided) <= MAX_CLASSES:
        return _against_the_rest(folded, spelling, decided, nulls, won[0], doubts)
    shown = ", ".join(f'"{spelling[text][0][:40]}" ({counts[text]:,})' for text, _ in folded.common[:8])
    more = f" and {len(decided) - 8} more" if len(decided) > 8 else ""
    raise TargetError(
        f'"{column.name}" has {len(decided)} different values: {shown}{more}. Name the one that is a conversion with '
        "--positive VALUE; all others then count as not converted. Or name all classes from worst to best with --order A B C"
    )


def _in_order(
    folded: Column, spelling: dict[str, list[str]], decided: list[str], nulls: list[str], order: list[str]
) -> ProposedTarget:
    if len(set(order)) < len(order) or not 3 <= len(order) <= MAX_CLASSES:
        raise TargetError(f"--order takes 3 to {MAX_CLASSES} different values; two outcomes need --positive")
    absent = [text for text in order if text not in decided]
    left = [spelling[text][0] for text, _ in folded.common if text in decided and text not in order]
    if absent or left:
        which = f'no value "{absent[0][:40]}"' if absent else f'also the value "{left[0][:40]}"'
        raise TargetError(f'--order names each value of "{folded.name}" once; it has {which}')
    return _proposed("ordered", folded, [(text, [text]) for text in order], spelling, nulls, [])


def _against_the_rest(
    folded: Column,
    spelling: dict[str, list[str]],
    decided: list[str],
    nulls: list[str],
    event: str,
    doubts: list[str],
) -> ProposedTarget:
    if event not in decided:
        shown = ", ".join(f'"{spelling[text][0][:40]}"' for text, _ in folded.common[:10] if text in decided)
        raise TargetError(f'"{folded.name}" has no value "{event[:40]}"; it has {shown}')
    rest = [text for text, _ in folded.common if text in decided and text != event]
    if not rest:
        raise TargetError(_too_few(folded, folded, decided, spelling))
    if len(rest) > 1:
        shown = ", ".join(f'"{spelling[text][0][:40]}"' for text in rest[:6]) + (
            ", …" if len(rest) > 6 else ""
        )
        doubts.append(f'"{spelling[event][0]}" is the conversion; {shown} all count as not converted')
    return _proposed("binary", folded, [(rest[0], rest), (event, [event])], spelling, nulls, doubts)


def _proposed(
    kind: str,
    folded: Column,
    classes: list[tuple[str, list[str]]],
    spelling: dict[str, list[str]],
    nulls: list[str],
    doubts: list[str],
) -> ProposedTarget:
    class_of = {text: index for index, (_, texts) in enumerate(classes) for text in texts}
    labels = np.array([*(class_of.get(text, MISSING) for text in folded.texts), MISSING])[folded.codes]
    named = []
    for first, texts in classes:
        name = "Other" if len(texts) > 1 else spelling[first][0]
        values = list(
            dict.fromkeys(text if kind == "binary" and text in "01" else spelling[text][0] for text in texts)
        )
        values += [also for text in texts for also in _ZERO_AND_ONE.get(text, ())] if kind == "binary" else []
        named.append((name, tuple(values)))
    tokens = tuple(each for text in nulls for each in spelling[text])
    return ProposedTarget(kind, tuple(named), labels.astype(np.int64), tokens, tuple(doubts))


def _event(decided: list[str], counts: dict[str, int], doubts: list[str]) -> str:
    """Which of two labels is the conversion."""
    for yes, no in ((TRUE_WORDS, FALSE_WORDS), (WON, LOST)):
        said = [text for text in decided if text in yes]
        denied = [text for text in decided if text in no]
        if len(said) == 1 and (denied or not said[0].isdigit()):
            return said[0]
        if len(denied) == 1 and not denied[0].isdigit():
            return next(text for text in decided if text != denied[0])
    negated = [
        a
        for a in decided
        for b in decided
        if a != b and a.endswith(b) and a[: -len(b)].strip(" -_") in ("not", "no", "un", "non")
    ]
    if negated:
        return next(text for text in decided if text != negated[0])
    numbers = _by_number(decided)
    if numbers and float(numbers[0]) <= 0 < float(numbers[1]):
        return numbers[1]
    event = min(decided, key=lambda text: (counts[text], text))
    doubts.append(f'took "{event}", the rarer, as the conversion; if it is the other one, use --positive')
    return event


def _by_number(texts: list[str]) -> list[str] | None:
    values = {text: parse_number(text, NumberFormat()) for text in texts}
    if any(value is None for value in values.values()):
        return None
    return sorted(texts, key=lambda text: (values[text] or 0.0, text))


def _spellings(column: Column, folded: Column) -> dict[str, list[str]]:
    """The spellings in the file of each folded text, the most frequent first."""
    found: dict[str, list[str]] = {text: [] for text in folded.texts}
    for text, _ in column.common:
        found[case_fold(text)].append(text)
    return found


def _too_few(column: Column, folded: Column, decided: list[str], spelling: dict[str, list[str]]) -> str:
    empty = int(column.missing.sum())
    if not decided:
        return f'"{column.name}" is empty in all {column.rows:,} rows; --target must name the column with the outcome'
    only = spelling[decided[0]][0][:40]
    advice = (
        f'if an empty cell means "not converted", write No into the {empty:,} empty ones'
        if empty
        else "a model needs leads of both outcomes"
    )
    return f'"{column.name}" has one value only, "{only}" ({folded.given:,} rows); {advice}'
