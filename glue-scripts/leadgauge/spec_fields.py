"""Fields and derived values of a spec, and the checks of what they refer to."""

import json
import re
from collections.abc import Callable

from leadgauge import spec as s
from leadgauge.lead.cell import CellError, cell_parser
from leadgauge.lead.text import normalise_text, trim
from leadgauge.lead.timestamp import is_format
from leadgauge.spec import SpecError
from leadgauge.spec_node import Node, pointer_of

_DERIVATION_KEYS = {
    "sum": ("fields",),
    "difference": ("minuend", "subtrahend"),
    "ratio": ("numerator", "denominator"),
    "date-part": ("field",),
    "days-between": ("from", "to"),
    "count-present": ("fields",),
    "map": ("field",),
}
_AFFIX = re.compile(r"[^0-9+\-(),']{1,16}")
_DATE_PARTS = ("year", "month", "day", "weekday", "hour")


def _read_number_format(node: Node | None, default: s.NumberFormat) -> s.NumberFormat:
    if node is None:
        return default
    result = s.NumberFormat(
        node.choice("decimal", (".", ","), "."),
        node.choice("group", (",", ".", " ", "'"), None),
        node.texts("affixes"),
        node.flag("negativeInParentheses"),
    )
    for affix in result.affixes:
        if _AFFIX.fullmatch(affix) is None or affix != trim(affix):
            raise node.wrong(
                "affixes",
                f"{json.dumps(affix)} holds a digit, a sign, a comma, an apostrophe or a parenthesis, or begins or ends with white space",
            )
    if result.decimal == result.group:
        raise node.wrong("group", "must differ from the decimal mark")
    return result


def read_fields(root: Node) -> tuple[s.Field, ...]:
    """The fields, each with the spec-wide defaults merged in."""
    steps = ("trim", "collapse-spaces", "case-fold")
    common_format = _read_number_format(root.optional_node("numberFormat"), s.NumberFormat())
    common_steps = root.texts("normalise", steps[:2])
    fields = []
    for node in root.nodes("fields", required=True):
        name = node.text("name")
        field_type = node.choice("type", s.FIELD_TYPES)
        bounds = node.optional_node("bounds")
        normalise = node.texts("normalise", common_steps)
        for step in normalise:
            if step not in steps:
                raise node.wrong("normalise", f"{json.dumps(step)} is none of {', '.join(steps)}")
        or_from = node.optional_node("orFrom")
        field = s.Field(
            name=name,
            type=field_type,
            label=node.text("label", name),
            known_at=node.choice("knownAt", s.MOMENTS, "at-creation"),
            aliases=node.texts("aliases"),
            description=node.text("description", None),
            unit=node.text("unit", None),
            required=node.flag("required"),
            null_tokens=root.texts("nullTokens") + node.texts("nullTokens"),
            normalise=normalise,
            number_format=_read_number_format(node.optional_node("numberFormat"), common_format),
            groups=node.groups("groups"),
            other=node.text("other", None),
            other_is_expected=node.flag("otherIsExpected"),
            levels=node.texts("levels"),
            true_tokens=node.texts("trueTokens", s.Field.true_tokens),
            false_tokens=node.texts("falseTokens", s.Field.false_tokens),
            formats=node.texts("formats", s.Field.formats),
            bounds=_read_bounds(bounds) if bounds else None,
            missing_as=node.scalar("missingAs"),
            or_from=_read_derivation(or_from, tuple(_DERIVATION_KEYS)) if or_from else None,
        )
        _check_field(node, field)
        fields.append(field)
    return tuple(fields)


def _read_bounds(node: Node) -> s.Bounds:
    bounds = s.Bounds(
        node.choice("beyond", ("clip", "warn", "reject")), node.number("min", None), node.number("max", None)
    )
    if bounds.min is not None and bounds.max is not None and bounds.min > bounds.max:
        raise node.wrong("min", "must not be above max")
    return bounds


def _check_field(node: Node, field: s.Field) -> None:
    if field.type == "ordinal" and not field.levels:
        raise SpecError(node.pointer, 'an ordinal field needs "levels", from low to high')
    if field.groups is not None and field.type not in ("category", "ordinal"):
        raise node.wrong("groups", f"a {field.type} field has no groups")
    if field.other is not None and (field.type != "category" or field.groups is None):
        raise node.wrong("other", 'belongs to a category with "groups"')
    if field.bounds is not None and field.type not in ("number", "integer"):
        raise node.wrong("bounds", f"a {field.type} field has no bounds")
    if len(set(field.levels)) != len(field.levels):
        raise node.wrong("levels", "a level stands twice")
    for group in field.groups or {}:
        if field.type == "ordinal" and group not in field.levels:
            raise SpecError(f"{node.at('groups')}{pointer_of([group])}", "is none of the levels")
    _check_group_members(node, field)
    for text in field.formats:
        if not is_format(text):
            raise node.wrong("formats", f"{json.dumps(text)} is no timestamp format")
    if field.missing_as is not None:
        try:
            parsed = cell_parser(field)(field.missing_as)
        except CellError as error:
            raise node.wrong("missingAs", error.detail) from None
        if parsed.missing or (parsed.unseen and field.type == "ordinal"):
            raise node.wrong("missingAs", f"is no value of this {field.type} field")


def _check_group_members(node: Node, field: s.Field) -> None:
    owner: dict[str, str] = {}
    for group, members in (field.groups or {}).items():
        for member in (group, *members):
            key = normalise_text(member, field.normalise)
            if owner.setdefault(key, group) != group:
                raise node.wrong(
                    "groups", f"{json.dumps(member)} is in {json.dumps(owner[key])} and {json.dumps(group)}"
                )


def _read_derivation(node: Node, ops: tuple[str, ...]) -> s.Derivation:
    op = node.choice("op", ops)
    sources: list[str] = []
    for key in _DERIVATION_KEYS[op]:
        sources += node.texts(key, ...) if key == "fields" else [node.text(key)]
    if not sources:
        raise node.wrong("fields", "must name at least one field")
    return s.Derivation(
        op=op,
        sources=tuple(sources),
        part=node.choice("part", _DATE_PARTS) if op == "date-part" else None,
        groups=(node.groups("groups") or {}) if op == "map" else {},
        other=node.text("other", None) if op == "map" else None,
    )


def _check_sources(pointer: str, derivation: s.Derivation, type_of: Callable[[str], str | None]) -> None:
    for name in derivation.sources:
        found = type_of(name)
        if found is None:
            raise SpecError(pointer, f"{json.dumps(name)} is no field (or derived value declared earlier)")
        if derivation.op in ("date-part", "days-between") and found != "timestamp":
            raise SpecError(pointer, f"{derivation.op} needs a timestamp; {json.dumps(name)} is {found}")
        if derivation.op in ("sum", "difference", "ratio") and found in ("category", "timestamp"):
            raise SpecError(pointer, f"{derivation.op} needs numbers; {json.dumps(name)} is a {found}")


def check_or_from(fields: tuple[s.Field, ...]) -> None:
    """Sources of an `orFrom` are fields without one of their own."""
    plain = {each.name: each.type for each in fields if each.or_from is None}
    for position, field in enumerate(fields):
        if field.or_from is not None:
            _check_sources(f"/fields/{position}/orFrom", field.or_from, plain.get)


def read_derived(root: Node, fields: dict[str, s.Field]) -> list[s.Derived]:
    """The derived values; each may use fields and derived values declared earlier."""
    derived: dict[str, s.Derived] = {}

    def type_of(name: str) -> str | None:
        return "derived" if name in derived else fields[name].type if name in fields else None

    for node in root.nodes("derived"):
        derivation = _read_derivation(node, tuple(op for op in _DERIVATION_KEYS if op != "map"))
        _check_sources(node.pointer, derivation, type_of)
        first = derivation.sources[0]
        reason_field = node.text("reasonField", derived[first].reason_field if first in derived else first)
        if reason_field not in fields:
            raise node.wrong("reasonField", f"{json.dumps(reason_field)} is no field")
        moments = [
            (derived[each] if each in derived else fields[each]).known_at for each in derivation.sources
        ]
        name = node.text("name")
        derived[name] = s.Derived(
            name=name,
            label=node.text("label", name),
            derivation=derivation,
            reason_field=reason_field,
            known_at=max(moments, key=s.MOMENTS.index),
            unit=node.text("unit", None),
        )
    return list(derived.values())
