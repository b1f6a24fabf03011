"""What `init` found, for the person who checks the spec."""

from collections import Counter
from shlex import quote

import numpy as np

from leadgauge.init.features import Proposal
from leadgauge.init.propose import ProposedSpec

MAX_LISTED = 12


def summarise(proposed: ProposedSpec, file_name: str, spec_path: str, data_path: str) -> str:
    """Plain text, a few lines a section."""
    lines = [
        f"{file_name}: {proposed.rows:,} leads, {proposed.columns} columns",
        "",
        *_target_lines(proposed),
    ]
    kinds = Counter(each.entry["type"] for each in proposed.used if each.entry is not None)
    lines.append(
        f"{len(proposed.used)} fields: "
        + ", ".join(f"{count} {kind}" for kind, count in sorted(kinds.items()))
    )
    lines += _reading_lines(proposed)
    leaks = [each for each in proposed.used if each.suspicion is not None and each.suspicion.set_aside]
    strong = [each for each in proposed.used if each.suspicion is not None and not each.suspicion.set_aside]
    lines += _section(
        "Suspected leaks: they seem to know the outcome, so they count as known after contact and an ordinary model leaves "
        "them out",
        _evidence(leaks),
    )
    lines += _section(
        "Very telling, but kept: make sure that they are known before the outcome", _evidence(strong)
    )
    lines += _section("Please check", proposed.doubts)
    ignored = [f"{each.name}: {each.reason}" for each in proposed.ignored]
    if len(ignored) > MAX_LISTED:
        ignored = [*ignored[:MAX_LISTED], f"… and {len(ignored) - MAX_LISTED} more (all are in the spec)"]
    lines += _section(f"{len(proposed.ignored)} columns ignored", ignored)
    lines += [
        "",
        f"Written: {spec_path}",
        f"Next: npm run -s leadgauge -- train --spec {quote(spec_path)} --data {quote(data_path)} --out DIR",
    ]
    return "\n".join(lines)


def _target_lines(proposed: ProposedSpec) -> list[str]:
    labels = proposed.target.labels
    counts = np.bincount(labels[labels >= 0], minlength=len(proposed.target.classes))
    total = int(counts.sum())
    name = proposed.document["target"]["field"]
    if proposed.target.kind == "binary":
        share = f"{counts[1]:,} of {total:,} leads ({counts[1] / total:.1%})"
        lines = [f'Target: {name}; "{proposed.target.classes[1][0]}" is the conversion, {share}']
    else:
        told = " < ".join(
            f"{text} ({count:,})" for (text, _), count in zip(proposed.target.classes, counts, strict=True)
        )
        lines = [f"Target: {name}; ordered classes {told}"]
    unlabelled = len(labels) - total
    if unlabelled:
        lines.append(f"{unlabelled:,} leads have no outcome and are left out of training")
    return lines


def _reading_lines(proposed: ProposedSpec) -> list[str]:
    document = proposed.document
    lines = []
    if "leadId" in document:
        lines.append(f"Lead id: {document['leadId']['name']}")
    if "nullTokens" in document:
        lines.append("Missing: empty, " + ", ".join(f'"{token}"' for token in document["nullTokens"]))
    if "numberFormat" in document:
        marks = document["numberFormat"]
        group = f', "{marks["group"]}" between thousands' if marks["group"] else ""
        lines.append(f'Numbers: "{marks["decimal"]}" is the decimal mark{group}')
    hold_out = document["training"]["holdOut"]
    if hold_out["by"] == "time":
        lines.append(f"Hold-out: the latest leads by {hold_out['field']}")
    return lines


def _evidence(proposals: list[Proposal]) -> list[str]:
    return [
        f"{each.name}: {'; '.join(each.suspicion.evidence)}"
        for each in proposals
        if each.suspicion is not None
    ]


def _section(title: str, lines: list[str]) -> list[str]:
    return ["", f"{title}:", *(f"  - {line}" for line in lines)] if lines else []
