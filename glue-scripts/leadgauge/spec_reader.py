"""Reads a spec document into `leadgauge.spec` and checks what a JSON Schema cannot: references, types,
uniqueness.
"""

import json
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

from jsonschema import Draft202012Validator

from leadgauge import spec as s
from leadgauge.lead.cell import CellError, cell_parser
from leadgauge.lead.text import header_key, label_key, normalise_text
from leadgauge.lead.timestamp import is_format
from leadgauge.spec import SpecError

SCHEMA_FILE = Path(__file__).resolve().parents[2] / "specs" / "feature-spec.schema.json"

_MAXIMUM = {"fields": 1000, "derived": 1000, "features": 2000, "tiers": 20, "classes": 100, "mapping": 10_000}
_DERIVATION_KEYS = {
    "sum": ("fields",),
    "difference": ("minuend", "subtrahend"),
    "ratio": ("numerator", "denominator"),
    "date-part": ("field",),
    "days-between": ("from", "to"),
    "count-present": ("fields",),
    "map": ("field",),
}
_DATE_PARTS = ("year", "month", "day", "weekday", "hour")
_NUMERIC = ("number", "integer", "boolean", "timestamp")
_ENCODINGS = {
    "number": (*_NUMERIC, "derived"),
    "one-hot": ("category", "boolean", "ordinal"),
    "ordinal": ("ordinal",),
    "native": ("category",),
}


@cache
def _schema_validator() -> Any:
    """The published JSON Schema; None where only the package is installed (a Glue job) and the file is not
    there.
    """
    if not SCHEMA_FILE.exists():
        return None
    return Draft202012Validator(json.loads(SCHEMA_FILE.read_text("utf-8")))


def read_document(document: Any) -> s.Spec:
    """Checks the document and returns the Spec. Raises SpecError for the first problem found."""
    root = Node(document, "")
    if root.number("specVersion") != 1:
        raise root.wrong("specVersion", "must be 1")
    fields = _read_fields(root)
    _check_names(root, fields)
    _check_or_from(root, fields)
    by_name = {each.name: each for each in fields}
    derived = _read_derived(root, by_name)
    features = _read_features(root, by_name, derived)
    target = _read_target(root)
    score = root.optional_node("score")
    spec = s.Spec(
        name=root.text("name"),
        title=root.text("title"),
        fields=fields,
        derived=tuple(derived),
        features=features,
        target=target,
        tiers=_read_tiers(root, target),
        score_scale=score.choice("scale", ("probability", "percentile"), "probability")
        if score
        else "probability",
        training=_read_training(root, by_name),
        lead_id=_read_ignored(node) if (node := root.optional_node("leadId")) else None,
        ignored=tuple(_read_ignored(node) for node in root.nodes("ignored")),
        document=document,
    )
    _check_schema(document)
    return spec


def _check_schema(document: Any) -> None:
    """What the checks here don't look at, such as keys that do not exist."""
    validator = _schema_validator()
    problem = None if validator is None else next(iter(validator.iter_errors(document)), None)
    while problem is not None and problem.context:
        # Alternatives by type: tell what is wrong in the one that is meant, the one with the fewest problems.
        branches: dict[Any, list[Any]] = {}
        for each in problem.context:
            branches.setdefault(each.schema_path[0], []).append(each)
        problem = min(
            branches.values(), key=lambda each: ("const" in {e.validator for e in each}, len(each))
        )[0]
    if problem is not None:
        raise SpecError(_pointer(problem.absolute_path), problem.message[:500])


def _pointer(parts: Any) -> str:
    return "".join("/" + str(part).replace("~", "~0").replace("/", "~1") for part in parts)


class Node:
    """A JSON object and its pointer, read with types checked."""

    def __init__(self, value: Any, pointer: str) -> None:
        if not isinstance(value, dict):
            raise SpecError(pointer, "must be an object")
        self.value: dict[str, Any] = value
        self.pointer = pointer

    def at(self, key: str | int) -> str:
        return self.pointer + _pointer([key])

    def wrong(self, key: str, problem: str) -> SpecError:
        return SpecError(self.at(key), problem)

    def _get(self, key: str, kind: Any, name: str, default: Any) -> Any:
        value = self.value.get(key)
        if value is None:
            if default is ...:
                raise SpecError(self.pointer, f'needs "{key}" ({name})')
            return default
        if not isinstance(value, kind) or (
            isinstance(value, bool) and kind is not bool and kind is not object
        ):
            raise self.wrong(key, f"must be {name}")
        return value

    def text(self, key: str, default: Any = ...) -> Any:
        return self._get(key, str, "a text", default)

    def flag(self, key: str) -> bool:
        return bool(self._get(key, bool, "true or false", False))

    def number(self, key: str, default: Any = ...) -> Any:
        return self._get(key, (int, float), "a number", default)

    def choice(self, key: str, allowed: tuple[str, ...], default: Any = ...) -> Any:
        value = self.text(key, default)
        if value is not None and value not in allowed:
            raise self.wrong(key, f"{json.dumps(value)} is none of {', '.join(allowed)}")
        return value

    def texts(self, key: str, default: Any = ()) -> tuple[str, ...]:
        value = self._get(key, list, "a list of texts", default)
        if len(value) > _MAXIMUM["mapping"] or not all(isinstance(each, str) for each in value):
            raise self.wrong(key, f"must be a list of at most {_MAXIMUM['mapping']} texts")
        return tuple(value)

    def optional_node(self, key: str) -> "Node | None":
        value = self.value.get(key)
        return None if value is None else Node(value, self.at(key))

    def nodes(self, key: str, required: bool = False) -> list["Node"]:
        value = self._get(key, list, "a list", ... if required else [])
        if len(value) > _MAXIMUM.get(key, 10_000):
            raise self.wrong(
                key, f"has {len(value)} entries; at most {_MAXIMUM.get(key, 10_000)} are allowed"
            )
        if required and not value:
            raise self.wrong(key, "must have at least one entry")
        return [Node(each, f"{self.at(key)}/{position}") for position, each in enumerate(value)]

    def groups(self, key: str) -> dict[str, tuple[str, ...]] | None:
        node = self.optional_node(key)
        if node is None:
            return None
        groups = {name: node.texts(name) for name in node.value}
        if sum(len(members) for members in groups.values()) > _MAXIMUM["mapping"]:
            raise self.wrong(key, f"maps more than {_MAXIMUM['mapping']} values")
        return groups


def _read_ignored(node: Node) -> s.Ignored:
    return s.Ignored(node.text("name"), node.texts("aliases"))


def _read_number_format(node: Node | None, default: s.NumberFormat) -> s.NumberFormat:
    if node is None:
        return default
    result = s.NumberFormat(
        node.choice("decimal", (".", ","), "."), node.choice("group", (",", ".", " ", "'"), None)
    )
    if result.decimal == result.group:
        raise node.wrong("group", "must differ from the decimal mark")
    return result


def _read_fields(root: Node) -> tuple[s.Field, ...]:
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
            missing_as=node._get("missingAs", (str, int, float, bool), "a number, boolean or text", None)
            if not isinstance(node.value.get("missingAs"), bool)
            else node.value["missingAs"],
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
            raise SpecError(f"{node.at('groups')}{_pointer([group])}", "is none of the levels")
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


def _check_names(root: Node, fields: tuple[s.Field, ...]) -> None:
    places: dict[str, str] = {}
    target = Node(root.value.get("target"), "/target")
    named: list[tuple[Node, str]] = [(node, "name") for node in root.nodes("fields")]
    named += [(node, "name") for node in root.nodes("derived")] + [
        (node, "name") for node in root.nodes("ignored")
    ]
    if lead_id := root.optional_node("leadId"):
        named.append((lead_id, "name"))
    named.append((target, "field"))
    for node, key in named:
        for name in dict.fromkeys(header_key(each) for each in (node.text(key), *node.texts("aliases"))):
            if name in places:
                raise node.wrong(key, f"{json.dumps(name)} is already used at {places[name]}")
            places[name] = node.pointer


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


def _check_or_from(root: Node, fields: tuple[s.Field, ...]) -> None:
    plain = {each.name: each.type for each in fields if each.or_from is None}
    for position, field in enumerate(fields):
        if field.or_from is not None:
            _check_sources(f"/fields/{position}/orFrom", field.or_from, plain.get)


def _read_derived(root: Node, fields: dict[str, s.Field]) -> list[s.Derived]:
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


def _read_features(root: Node, fields: dict[str, s.Field], derived: list[s.Derived]) -> tuple[s.Feature, ...]:
    types = {each.name: "derived" for each in derived} | {name: each.type for name, each in fields.items()}
    features: list[s.Feature] = []
    seen: set[tuple[str, str]] = set()
    for node in root.nodes("features", required=True):
        name = node.text("input")
        if name not in types:
            raise node.wrong("input", f"{json.dumps(name)} is no field or derived value")
        encode = node.choice("encode", tuple(_ENCODINGS))
        if types[name] not in _ENCODINGS[encode]:
            raise node.wrong("encode", f"{encode} does not fit {json.dumps(name)}, which is {types[name]}")
        if (name, encode) in seen:
            raise node.wrong("input", f"{json.dumps(name)} is encoded as {encode} twice")
        seen.add((name, encode))
        features.append(
            s.Feature(
                input=name,
                encode=encode,
                impute=_read_impute(node, encode),
                missing_indicator=node.flag("missingIndicator"),
                scale=node.choice("scale", ("standard", "minmax", "none"), "standard"),
                minimum_count=int(node.number("minimumCount", 10)),
            )
        )
    return tuple(features)


def _read_impute(node: Node, encode: str) -> str | float:
    numeric = encode in ("number", "ordinal")
    value = node.value.get("impute", "median" if numeric else "own-category")
    if isinstance(value, dict) and numeric:
        return float(Node(value, node.at("impute")).number("constant"))
    allowed = (
        ("median", "mean", "most-frequent", "none") if numeric else ("own-category", "most-frequent", "none")
    )
    return str(Node({"impute": value}, node.pointer).choice("impute", allowed))


def _read_target(root: Node) -> s.Target:
    node = Node(root.value.get("target"), "/target")
    kind = node.choice("kind", ("binary", "ordered"))
    classes: list[s.TargetClass] = []
    owner: dict[str, str] = {}
    for each in node.nodes("classes", required=True):
        name = each.text("name")
        values = each.texts("values", (name,))
        for value in values:
            if owner.setdefault(label_key(value), name) != name:
                raise each.wrong("values", f"{json.dumps(value)} belongs to two classes")
        weight = each.number("weight") if kind == "ordered" else each.number("weight", None)
        classes.append(s.TargetClass(name, each.text("label", name), values, weight))
    if len({each.name for each in classes}) != len(classes):
        raise node.wrong("classes", "a class name stands twice")
    if (kind == "binary") != (len(classes) == 2):
        raise node.wrong("classes", f"{kind} needs {'two' if kind == 'binary' else 'three or more'} classes")
    return s.Target(
        field=node.text("field"),
        aliases=node.texts("aliases"),
        kind=kind,
        event=node.text("event", None),
        classes=tuple(classes),
        horizon_in_days=node.number("horizonInDays", None),
        created_at=node.text("createdAt", None),
        maturity=node.choice("maturity", ("labels-final", "horizon-elapsed"), None),
    )


def _read_tiers(root: Node, target: s.Target) -> tuple[s.Tier, ...]:
    nodes = root.nodes("tiers", required=True)
    tiers: list[s.Tier] = []
    for position, node in enumerate(nodes):
        last = position == len(nodes) - 1
        minimum = node.number("minimumProbability", None if last else ...)
        if last and minimum is not None:
            raise node.wrong("minimumProbability", "the last tier takes every lead that is left and has none")
        if minimum is not None and not 0 <= minimum <= 1:
            raise node.wrong("minimumProbability", "must be from 0 to 1")
        class_name = node.text("class", None)
        if class_name is not None and class_name not in {each.name for each in target.classes}:
            raise node.wrong("class", f"{json.dumps(class_name)} is no class of the target")
        if target.kind == "ordered" and class_name is None and not last:
            raise SpecError(node.pointer, 'a tier of an ordered target needs "class"')
        previous = tiers[-1].minimum_probability if tiers else None
        if target.kind == "binary" and minimum is not None and previous is not None and minimum >= previous:
            raise node.wrong("minimumProbability", "tiers go from the highest to the lowest limit")
        tiers.append(s.Tier(node.text("name"), node.text("action", ""), minimum, class_name))
    return tuple(tiers)


def _read_training(root: Node, fields: dict[str, s.Field]) -> s.Training:
    node = root.optional_node("training")
    if node is None:
        return s.Training()
    hold_out = s.HoldOut()
    if each := node.optional_node("holdOut"):
        hold_out = s.HoldOut(
            each.choice("by", ("random", "time"), "random"),
            each.number("share", 0.2),
            each.text("field", None),
        )
        timed = fields.get(hold_out.field or "")
        if hold_out.by == "time" and (timed is None or timed.type != "timestamp"):
            raise each.wrong("field", "a hold-out by time needs a timestamp field")
        if not 0 < hold_out.share < 1:
            raise each.wrong("share", "must be above 0 and below 1")
    families = node.texts("families", s.FAMILIES)
    for family in families:
        if family not in s.FAMILIES:
            raise node.wrong("families", f"{json.dumps(family)} is none of {', '.join(s.FAMILIES)}")
    folds = int(node.number("folds", 5))
    if not 2 <= folds <= 20:
        raise node.wrong("folds", "must be from 2 to 20")
    return s.Training(node.choice("metric", s.METRICS, "log-loss"), hold_out, folds, families)
