"""From a file to the rows that training uses: parsed, labelled, mature, and split into a training part and a hold-out."""

from __future__ import annotations

import hashlib
import unicodedata
from collections import Counter
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sklearn.model_selection import train_test_split

from leadgauge.features import used_fields
from leadgauge.lead import ParsedLeads, parse_leads, read_target
from leadgauge.lead.bind import field_keys
from leadgauge.lead.text import header_key
from leadgauge.spec import Spec
from leadgauge.table import read_table
from leadgauge.training.rows import Rows

Ints = NDArray[np.int64]

MINIMUM_OF_A_CLASS = 20
"""Fewer rows of a class than this cannot be split into a hold-out and folds and still be measured."""
ADVISED_ROWS = 1_000
ADVISED_OF_A_CLASS = 100
MILLISECONDS_A_DAY = 86_400_000


class TrainingDataError(Exception):
    """Data that no model can be trained on; the text says why and what to do."""


@dataclass(frozen=True)
class LeadData:
    """The usable rows of a file, with what was left out and why."""

    rows: Rows
    leads: ParsedLeads
    """The usable rows, parsed: one a row of `rows`."""
    file_name: str
    sha256: str
    """Of the file's bytes: the fingerprint of the training data."""
    rows_in_file: int
    columns: int
    left_out: dict[str, int]
    """Reason to number of rows."""
    rejections: dict[str, int]
    """"Field: code" to number of rows, of the rows that could not be read."""
    unknown_columns: list[str]
    warnings: list[str] = field(default_factory=list)

    def keeping(self, kept: NDArray[np.bool_], reason: str) -> LeadData:
        """Only the marked rows; what is left out is told with its reason."""
        if kept.all():
            return self
        count = int((~kept).sum())
        return replace(
            self,
            rows=self.rows.take(np.flatnonzero(kept)),
            leads=self.leads.take(kept),
            left_out=self.left_out | {reason: count},
            warnings=[*self.warnings, f"{count} of {self.rows_in_file} rows left out: {reason}"],
        )

    def class_counts(self, spec: Spec) -> dict[str, int]:
        counts = np.bincount(self.rows.labels, minlength=len(spec.class_names))
        return {name: int(count) for name, count in zip(spec.class_names, counts, strict=True)}


def load_lead_data(path: Path, spec: Spec, *, as_of: float | None) -> LeadData:
    """Reads, parses and filters a file of labelled leads.

    ``as_of`` is in milliseconds since 1970 (UTC): with `maturity: horizon-elapsed`, leads whose horizon ends after it are left
    out; None takes the latest creation in the file. Raises TableError, TrainingDataError, or what `lead` raises for a label or
    a header that the spec does not know.
    """
    table = read_table(path)
    parsed = parse_leads(spec, table)
    _check_columns(path.name, spec, table, parsed.unknown_columns)
    labels = np.asarray(read_target(spec, table), dtype=np.int64)
    accepted = np.asarray(parsed.accepted, dtype=bool)
    labelled = labels >= 0
    mature = _mature(spec, parsed.values, as_of)
    left_out = {
        "cannot be read (see the rejections)": int((~accepted).sum()),
        "no label": int((accepted & ~labelled).sum()),
        "still inside the horizon": int((accepted & labelled & ~mature).sum()),
    }
    used = np.flatnonzero(accepted & labelled & mature)
    rejections = Counter(f"{each.field}: {each.code}" for each in parsed.rejections)
    leads = parsed if len(used) == len(table) else parse_leads(spec, table.iloc[used].reset_index(drop=True))
    data = LeadData(
        rows=Rows(leads.values, labels[used]),
        leads=leads,
        file_name=path.name,
        sha256=hashlib.sha256(path.read_bytes()).hexdigest(),
        rows_in_file=len(table),
        columns=table.shape[1],
        left_out={reason: count for reason, count in left_out.items() if count},
        rejections=dict(rejections.most_common(20)),
        unknown_columns=list(parsed.unknown_columns),
    )
    _check_classes(data, spec)
    _warn(data, spec)
    return data


def _check_columns(file_name: str, spec: Spec, table: pd.DataFrame, unknown: list[str]) -> None:
    """Refuses a file in another style: less than half of what the features read is there, and unknown columns have absent fields' letters."""
    names = field_keys(spec)
    keys = {header_key(str(column)) for column in table.columns}
    columns = {names[key] for key in keys & names.keys()}
    read = [
        spec.field_by_name(name) for name in used_fields(spec, [{"input": f.input} for f in spec.features])
    ]
    expected = [each for each in read if each.missing_as is None]
    missing = [
        each.name
        for each in expected
        if each.name not in columns and (each.or_from is None or columns.isdisjoint(each.or_from.sources))
    ]
    found = len(expected) - len(missing)
    absent = {_letters(name) for name in missing}
    similar = [column for column in unknown if _letters(column) in absent]
    if found * 2 < len(expected) and similar:
        raise TrainingDataError(
            f"{file_name}: of the {len(expected)} fields that the spec's features read, {found} are in the file; not there: {_some(missing)}. "
            f"Written in another style: {_some(similar)}. Names are compared but for case and white space: rename the columns, or list their "
            "spellings as aliases"
        )


def _letters(name: str) -> str:
    return "".join(filter(str.isalnum, unicodedata.normalize("NFKD", name))).casefold()


def _some(names: list[str]) -> str:
    shown = ", ".join(f'"{name[:60]}"' for name in names[:5])
    return f"{shown} and {len(names) - 5} more" if len(names) > 5 else shown


def _mature(spec: Spec, values: pd.DataFrame, as_of: float | None) -> NDArray[np.bool_]:
    target = spec.target
    if target.maturity != "horizon-elapsed":
        return np.ones(len(values), dtype=bool)
    if target.created_at is None or target.horizon_in_days is None:
        raise TrainingDataError(
            "the spec's target says horizon-elapsed, but not both createdAt and horizonInDays"
        )
    created = values[target.created_at].to_numpy(dtype=np.float64)
    if np.isnan(created).all():
        raise TrainingDataError(
            f'no row has a "{target.created_at}", which the spec needs to tell mature leads from young ones'
        )
    now = float(np.nanmax(created)) if as_of is None else as_of
    mature: NDArray[np.bool_] = created + target.horizon_in_days * MILLISECONDS_A_DAY <= now
    return mature


def _check_classes(data: LeadData, spec: Spec) -> None:
    counts = data.class_counts(spec)
    told = ", ".join(f"{name}: {count}" for name, count in counts.items())
    left_out = "; ".join(f"{count} rows left out: {reason}" for reason, count in data.left_out.items())
    detail = f" ({left_out})" if left_out else ""
    if data.rejections:
        detail += "; rejected most often: " + ", ".join(
            f"{what} x {n}" for what, n in list(data.rejections.items())[:3]
        )
    if not len(data.rows):
        raise TrainingDataError(f"{data.file_name}: no row can be used for training{detail}")
    few = [name for name, count in counts.items() if count < MINIMUM_OF_A_CLASS]
    if few:
        raise TrainingDataError(
            f'{data.file_name}: at least {MINIMUM_OF_A_CLASS} rows of every class of "{spec.target.field}" are needed; there are {told}{detail}'
        )


def _warn(data: LeadData, spec: Spec) -> None:
    counts = data.class_counts(spec)
    smallest = min(counts, key=lambda name: counts[name])
    if len(data.rows) < ADVISED_ROWS or counts[smallest] < ADVISED_OF_A_CLASS:
        data.warnings.append(
            f"only {len(data.rows)} rows, {counts[smallest]} of class {smallest}: the figures are uncertain (see their intervals)"
        )
    for reason, count in data.left_out.items():
        data.warnings.append(f"{count} of {data.rows_in_file} rows left out: {reason}")
    if data.rejections:
        data.warnings.append(
            "rejected most often: " + ", ".join(f"{w} x {n}" for w, n in list(data.rejections.items())[:3])
        )
    if data.unknown_columns:
        data.warnings.append(
            f"columns that the spec does not know are not used: {_some(data.unknown_columns)}"
        )


def split_hold_out(data: LeadData, spec: Spec, seed: int) -> tuple[Ints, Ints]:
    """(training rows, hold-out rows), each ascending: a stratified random share, or the latest share by time.

    A row without a time trains. Raises TrainingDataError if either side lacks rows of a class.
    """
    hold_out = spec.training.hold_out
    labels = data.rows.labels
    if hold_out.by == "time":
        if hold_out.field is None:
            raise TrainingDataError("the spec's hold-out is by time, but names no field")
        times = data.rows.values[hold_out.field].to_numpy(dtype=np.float64)
        timed = np.flatnonzero(~np.isnan(times))
        count = round(hold_out.share * len(timed))
        held = np.sort(timed[np.argsort(times[timed], kind="stable")[len(timed) - count :]])
        train = np.setdiff1d(np.arange(len(labels)), held)
    else:
        train, held = train_test_split(
            np.arange(len(labels)), test_size=hold_out.share, random_state=seed, stratify=labels
        )
        train, held = np.sort(train), np.sort(held)
    for part, rows in (("training part", train), ("hold-out", held)):
        missing = [name for k, name in enumerate(spec.class_names) if not np.any(labels[rows] == k)]
        if missing:
            raise TrainingDataError(
                f"the {part} has no row of class {', '.join(missing)}; hold out another share, or at random (spec: /training/holdOut)"
            )
    return train.astype(np.int64), held.astype(np.int64)
