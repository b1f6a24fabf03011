"""From a table of leads and the name of its target to a proposed feature spec."""

import difflib
import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from leadgauge.init.column import Column, Ints, Numbers, read_column
from leadgauge.init.features import (
    Proposal,
    add_date_parts,
    describe,
    names_a_creation,
    reason_to_ignore,
)
from leadgauge.init.leaks import Suspicion, suspect
from leadgauge.init.reading import Reading, file_number_format, null_tokens_of, read_values
from leadgauge.init.target import ProposedTarget, TargetError, propose_target
from leadgauge.init.tiers import propose_tiers
from leadgauge.init.words import LEAD, names_an_identifier, words_of
from leadgauge.lead.text import header_key, is_usable, trim
from leadgauge.spec import NumberFormat

MAX_FIELDS = 1000
MAX_NAME = 256
MAX_NUMBERS_JUDGED_BY_VALUE = 20
MINIMUM_CLASS_IN_HOLD_OUT = 40
HOLD_OUT_SHARE = 0.2


@dataclass(frozen=True)
class ProposedSpec:
    """`document`: the spec; the rest is what the summary tells."""

    document: dict[str, Any]
    target: ProposedTarget
    rows: int
    columns: int
    used: list[Proposal]
    ignored: list[Proposal]
    doubts: list[str]


def propose_spec(
    table: pd.DataFrame,
    target_name: str,
    name: str,
    positive: str | None,
    order: Sequence[str] | None = None,
) -> ProposedSpec:
    """Proposes a spec named `name`. Raises TargetError if the table has no usable target or nothing to learn from."""
    headers = [str(header) for header in table.columns]
    target_header = _find_target(headers, target_name)
    doubts: list[str] = []
    columns = [
        read_column(header, table.iloc[:, position])
        for position, header in enumerate(headers)
        if header != target_header and _can_be_named(header, doubts)
    ]
    target = propose_target(read_column(target_header, table[target_header]), positive, order)
    doubts[:0] = target.doubts
    file_format = file_number_format(columns)
    readings = {column.name: read_values(column, file_format) for column in columns}
    null_tokens = frozenset().union(*(null_tokens_of(column) for column in columns))
    lead_id = _find_lead_id(columns)
    twins = _twins(columns)
    proposals = []
    for column in columns:
        if column.name == lead_id:
            continue
        reading = readings[column.name]
        reason = (
            f'Says the same as "{twins[column.name]}".'
            if column.name in twins
            else reason_to_ignore(column, reading)
        )
        if reason is not None:
            proposals.append(Proposal(column.name, reading, reason=reason))
            continue
        proposal = describe(reading, column.name, file_format, null_tokens)
        _judge(proposal, reading, target)
        proposals.append(proposal)
    created = _use_dates(proposals, doubts)
    _keep_to_the_limit(proposals)
    used = [proposal for proposal in proposals if proposal.reason is None]
    if not any(proposal.features for proposal in used):
        raise TargetError(
            "no column can be used to predict the target: all are empty, constant, identifiers or free text"
        )
    doubts += [f"{proposal.name}: {doubt}" for proposal in used for doubt in proposal.doubts]
    hold_out = _hold_out(created, target.labels, doubts)
    document = _document(name, target_header, lead_id, sorted(null_tokens), file_format, used)
    document["ignored"] = [
        {"name": each.name, "reason": each.reason} for each in proposals if each.reason is not None
    ]
    document["target"] = target.document(target_header)
    document |= propose_tiers(target)
    document["training"] = {"metric": "log-loss", "holdOut": hold_out, "folds": 5}
    document["notes"] = _notes(target, used, doubts)
    ignored = [proposal for proposal in proposals if proposal.reason is not None]
    return ProposedSpec(_in_order(document), target, len(table), len(headers), used, ignored, doubts)


def _find_target(headers: Sequence[str], name: str) -> str:
    keys: dict[str, str] = {}
    for header in headers:
        key = header_key(header)
        if key in keys:
            raise TargetError(
                f'the columns "{keys[key]}" and "{header}" have the same name; rename one of them'
            )
        keys[key] = header
    found = keys.get(header_key(name))
    if found is None:
        near = difflib.get_close_matches(header_key(name), list(keys), n=3, cutoff=0.5)
        advice = (
            f"did you mean {' or '.join(keys[key] for key in near)}?"
            if near
            else f"it has {', '.join(headers[:20])}"
        )
        raise TargetError(f'the file has no column "{name}"; {advice}')
    return found


def _can_be_named(header: str, doubts: list[str]) -> bool:
    if not trim(header):
        doubts.append("a column without a name is not used; name it in the header if it matters")
        return False
    if len(header) > MAX_NAME or not is_usable(header):
        doubts.append(f'the column "{header[:40]}…" is not used: its name is too long or no text')
        return False
    return True


def _find_lead_id(columns: Sequence[Column]) -> str | None:
    """The column that names a lead: unique (nearly), and called an identifier."""
    best: tuple[bool, bool, int] | None = None
    found = None
    for position, column in enumerate(columns):
        words = words_of(column.name)
        if (
            not names_an_identifier(column.name)
            or len(column.texts) < 0.95 * column.rows
            or column.given < 0.99 * column.rows
        ):
            continue
        if column.rows < 2 or any(len(text) > MAX_NAME for text in column.texts):
            continue
        rank = (bool(words & LEAD), bool(words & {"id", "uuid", "guid"}), -position)
        if best is None or rank > best:
            best, found = rank, column.name
    return found


def _twins(columns: Sequence[Column]) -> dict[str, str]:
    """Columns that part the rows exactly as an earlier column does: the same values, or the same under other names."""
    seen: dict[bytes, Column] = {}
    twins = {}
    for column in columns:
        if len(column.texts) < 2:
            continue
        first = seen.setdefault(column.codes.tobytes(), column)
        if first is not column and (first.texts == column.texts or len(column.texts) <= column.rows / 2):
            twins[column.name] = first.name
    return twins


def _judge(proposal: Proposal, reading: Reading, target: ProposedTarget) -> None:
    """Looks for what a field knows of the outcome, on the labelled rows; a strong suspicion moves it to after-contact."""
    labelled = target.labels >= 0
    column = Column(proposal.name, reading.column.texts, reading.column.codes[labelled], reading.column.typed)
    by_value = (
        reading.type in ("category", "ordinal", "boolean") or len(column.texts) <= MAX_NUMBERS_JUDGED_BY_VALUE
    )
    values: Numbers | None = None if reading.type == "category" else reading.values
    classes = target.classes
    ends = [len(classes) - 1] if target.kind == "binary" else [len(classes) - 1, 0]
    found: list[Suspicion] = []
    for index in ends:
        happens = "convert" if target.kind == "binary" else f"are {classes[index][0]}"
        suspicion = suspect(column, values, by_value, target.labels[labelled] == index, happens)
        if suspicion is not None:
            found.append(suspicion)
    if not found:
        return
    proposal.suspicion = Suspicion(
        tuple(line for each in found for line in each.evidence), any(each.set_aside for each in found)
    )
    if proposal.suspicion.set_aside and proposal.entry is not None:
        proposal.entry["knownAt"] = "after-contact"


def _use_dates(proposals: list[Proposal], doubts: list[str]) -> Proposal | None:
    """One timestamp at most is used: when the lead was created. Others are left for a person to decide on."""
    created = None
    for proposal in proposals:
        if proposal.reading is None or proposal.entry is None or proposal.reading.type != "timestamp":
            continue
        column = proposal.reading.column
        known = proposal.entry["knownAt"] != "after-contact"
        if created is None and known and column.given == column.rows and names_a_creation(proposal.name):
            created = proposal
            proposal.entry["knownAt"] = "at-creation"
            add_date_parts(proposal)
            continue
        evidence = f" ({'; '.join(proposal.suspicion.evidence)})" if proposal.suspicion else ""
        proposal.reason = (
            f"A date; it can be used in a derivation such as days-between, if it is known in time{evidence}."
        )
        doubts.extend(f"{proposal.name}: {doubt}" for doubt in proposal.doubts)
    return created


def _keep_to_the_limit(proposals: list[Proposal]) -> None:
    kept = 0
    for proposal in proposals:
        if proposal.reason is None:
            kept += 1
            if kept > MAX_FIELDS:
                proposal.reason = f"A spec takes at most {MAX_FIELDS:,} fields."


def _hold_out(created: Proposal | None, labels: Ints, doubts: list[str]) -> dict[str, Any]:
    """By time if every lead has a creation date and the latest leads have enough of each outcome."""
    if created is None or created.reading is None:
        return {"by": "random", "share": HOLD_OUT_SHARE}
    moments = created.reading.column.spread(created.reading.values)[labels >= 0]
    known = labels[labels >= 0]
    late = known[np.argsort(moments, kind="stable")[int(len(known) * (1 - HOLD_OUT_SHARE)) :]]
    if (
        len(np.unique(moments)) < 10
        or min(np.bincount(late, minlength=known.max() + 1)) < MINIMUM_CLASS_IN_HOLD_OUT
    ):
        doubts.append(f"hold-out at random: the latest leads by {created.name} have too few of one outcome")
        return {"by": "random", "share": HOLD_OUT_SHARE}
    return {"by": "time", "share": HOLD_OUT_SHARE, "field": created.name}


def _document(
    name: str,
    target: str,
    lead_id: str | None,
    nulls: list[str],
    number_format: NumberFormat,
    used: list[Proposal],
) -> dict[str, Any]:
    document: dict[str, Any] = {"specVersion": 1, "name": name, "title": f"Leads: {target}"[:200]}
    if lead_id is not None:
        document["leadId"] = {"name": lead_id}
    if nulls:
        document["nullTokens"] = nulls
    if number_format != NumberFormat():
        document["numberFormat"] = {"decimal": number_format.decimal, "group": number_format.group}
    document["fields"] = [each.entry for each in used]
    taken = {header_key(each.name) for each in used}
    derived = [entry for each in used for entry in each.derived if header_key(entry["name"]) not in taken]
    inputs = {each.name for each in used} | {entry["name"] for entry in derived}
    if derived:
        document["derived"] = derived
    document["features"] = [
        feature for each in used for feature in each.features if feature["input"] in inputs
    ]
    return document


def _notes(target: ProposedTarget, used: list[Proposal], doubts: list[str]) -> list[str]:
    notes = ["Proposed by leadgauge init; read it before you rely on it."]
    for each in used:
        if each.suspicion is not None:
            what = "suspected leak, so known after contact" if each.suspicion.set_aside else "to check"
            notes.append(f"{each.name}: {what}: {'; '.join(each.suspicion.evidence)}.")
    return notes + [f"To check: {doubt}." for doubt in doubts]


_ORDER = (
    "specVersion", "name", "title", "notes", "leadId", "ignored", "nullTokens", "numberFormat", "fields", "derived",
    "features", "target", "tiers", "score", "training",
)  # fmt: skip


def _in_order(document: dict[str, Any]) -> dict[str, Any]:
    return {key: document[key] for key in _ORDER if document.get(key) not in (None, [])}


def model_name(stem: str) -> str:
    """A file's name as a model's name: `Leads für 2025 (final)` becomes `leads-fur-2025-final`."""
    letters = re.sub(r"[\u0300-\u036f]", "", unicodedata.normalize("NFKD", stem.lower().replace("ß", "ss")))
    name = re.sub(r"[^a-z0-9]+", "-", letters).strip("-")[:64].strip("-")
    return name or "leads"
