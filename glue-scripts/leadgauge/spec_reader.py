"""Reads a spec document into `leadgauge.spec` and checks what a JSON Schema cannot: references, types, uniqueness."""

import json
from functools import cache
from pathlib import Path
from typing import Any

from jsonschema import Draft202012Validator

from leadgauge import spec as s
from leadgauge.canonical import canonical_file
from leadgauge.lead.text import header_key, label_key
from leadgauge.spec import SpecError
from leadgauge.spec_fields import check_or_from, read_derived, read_fields
from leadgauge.spec_node import Node, pointer_of

SCHEMA_FILE = Path(__file__).resolve().parents[2] / "specs" / "feature-spec.schema.json"
MAXIMUM_SPEC_BYTES = 1_000_000
_NUMERIC = ("number", "integer", "boolean", "timestamp")
_ENCODINGS = {
    "number": (*_NUMERIC, "derived"),
    "one-hot": ("category", "boolean", "ordinal"),
    "ordinal": ("ordinal",),
    "native": ("category",),
}


def load_spec(path: str | Path) -> s.Spec:
    """Reads and checks a spec file. Raises SpecError (with a JSON pointer) or OSError."""
    path = Path(path)
    if path.stat().st_size > MAXIMUM_SPEC_BYTES:
        raise SpecError("", f"{path} is larger than {MAXIMUM_SPEC_BYTES} bytes, the limit of a spec")
    return parse_spec(path.read_bytes())


def parse_spec(content: bytes | str) -> s.Spec:
    """As `load_spec`, from the file's content."""
    try:
        text = content.decode("utf-8-sig") if isinstance(content, bytes) else content
        document = json.loads(text, object_pairs_hook=_unique_keys, parse_constant=_refuse_constant)
        canonical_file(document)  # what a package could not carry is refused here
    except UnicodeDecodeError as error:
        raise SpecError("", f"not UTF-8 text (byte {error.start})") from None
    except UnicodeEncodeError:
        raise SpecError("", "a text holds half a surrogate pair") from None
    except json.JSONDecodeError as error:
        raise SpecError("", f"not JSON: {error.msg} at line {error.lineno}, column {error.colno}") from None
    except RecursionError:
        raise SpecError("", "nested too deeply") from None
    except SpecError:
        raise
    except ValueError as error:
        raise SpecError("", str(error)) from None
    return read_document(document)


def _unique_keys(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    result = dict(pairs)
    if len(result) != len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise SpecError("", f"the key {json.dumps(twice)} stands twice in one object")
    return result


def _refuse_constant(text: str) -> float:
    raise SpecError("", f"{text} is no JSON number")


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
    fields = read_fields(root)
    _check_names(root, fields)
    check_or_from(fields)
    by_name = {each.name: each for each in fields}
    derived = read_derived(root, by_name)
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
        raise SpecError(pointer_of(problem.absolute_path), problem.message[:500])


def _read_ignored(node: Node) -> s.Ignored:
    return s.Ignored(node.text("name"), node.texts("aliases"))


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
        null_tokens=node.texts("nullTokens"),
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
