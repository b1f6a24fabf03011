"""The feature spec (docs/feature-spec.md) as frozen dataclasses; `spec_reader` reads and checks a document."""

from dataclasses import dataclass, field
from typing import Any, Literal

Moment = Literal["at-creation", "engagement", "after-contact"]
MOMENTS: tuple[Moment, ...] = ("at-creation", "engagement", "after-contact")
FIELD_TYPES = ("number", "integer", "boolean", "category", "ordinal", "timestamp")
FAMILIES = (
    "logistic-regression",
    "decision-tree",
    "random-forest",
    "gradient-boosting",
    "hist-gradient-boosting",
    "xgboost",
    "lightgbm",
)
METRICS = ("log-loss", "roc-auc", "pr-auc", "brier", "f1", "accuracy")


class SpecError(ValueError):
    """A spec that cannot be used: `pointer` is the JSON pointer of the place, the message says what is
    allowed.
    """

    def __init__(self, pointer: str, problem: str) -> None:
        super().__init__(f"{pointer or '/'}: {problem}")
        self.pointer = pointer
        self.problem = problem


@dataclass(frozen=True)
class NumberFormat:
    """How a file writes numbers; `group` None means that no group mark is allowed."""

    decimal: str = "."
    group: str | None = None
    affixes: tuple[str, ...] = ()
    """Texts such as `$` or `%` that may stand before or behind a number."""
    negative_in_parentheses: bool = False


@dataclass(frozen=True)
class Bounds:
    """Limits of a number and what to do beyond them: `clip`, `warn` or `reject`."""

    beyond: str
    min: float | None = None
    max: float | None = None


@dataclass(frozen=True)
class Derivation:
    """An operation over other values. `sources` holds the names in the order of the operation's own keys
    (minuend, subtrahend; numerator, denominator; from, to; or the list `fields`)."""

    op: str
    sources: tuple[str, ...]
    part: str | None = None
    groups: dict[str, tuple[str, ...]] = field(default_factory=dict)
    other: str | None = None


@dataclass(frozen=True)
class Ignored:
    """A column that is known and deliberately not used."""

    name: str
    aliases: tuple[str, ...] = ()


@dataclass(frozen=True)
class Field:
    """One raw field of a lead. Spec-wide defaults (null tokens, normalisation, number format) are merged in."""

    name: str
    type: str
    label: str
    known_at: Moment
    aliases: tuple[str, ...] = ()
    description: str | None = None
    unit: str | None = None
    required: bool = False
    null_tokens: tuple[str, ...] = ()
    normalise: tuple[str, ...] = ("trim", "collapse-spaces")
    number_format: NumberFormat = NumberFormat()
    groups: dict[str, tuple[str, ...]] | None = None
    other: str | None = None
    other_is_expected: bool = False
    levels: tuple[str, ...] = ()
    true_tokens: tuple[str, ...] = ("true", "yes", "1")
    false_tokens: tuple[str, ...] = ("false", "no", "0")
    formats: tuple[str, ...] = ("iso",)
    bounds: Bounds | None = None
    missing_as: str | float | bool | None = None
    or_from: Derivation | None = None


@dataclass(frozen=True)
class Derived:
    """A number computed from fields, never read from a caller."""

    name: str
    label: str
    derivation: Derivation
    reason_field: str
    known_at: Moment
    unit: str | None = None


@dataclass(frozen=True)
class Feature:
    """How one field or derived value becomes model inputs."""

    input: str
    encode: str
    impute: str | float
    missing_indicator: bool = False
    scale: str = "standard"
    minimum_count: int = 10


@dataclass(frozen=True)
class TargetClass:
    """One class: `values` are the texts that mean it, `weight` its part of an ordered score."""

    name: str
    label: str
    values: tuple[str, ...]
    weight: float | None = None


@dataclass(frozen=True)
class Target:
    """What is predicted."""

    field: str
    aliases: tuple[str, ...]
    kind: str
    event: str | None
    classes: tuple[TargetClass, ...]
    horizon_in_days: float | None = None
    created_at: str | None = None
    maturity: str | None = None
    null_tokens: tuple[str, ...] = ()
    """Texts that mean "no outcome yet", beside the spec's."""


@dataclass(frozen=True)
class Tier:
    """A named range of scores and what to do; `class_name` is set in ordered models."""

    name: str
    action: str
    minimum_probability: float | None
    class_name: str | None = None


@dataclass(frozen=True)
class HoldOut:
    """The rows kept for the last test."""

    by: str = "random"
    share: float = 0.2
    field: str | None = None


@dataclass(frozen=True)
class Training:
    """Defaults of `leadgauge train`."""

    metric: str = "log-loss"
    hold_out: HoldOut = HoldOut()
    folds: int = 5
    families: tuple[str, ...] = FAMILIES


@dataclass(frozen=True)
class Spec:
    """A checked feature spec. `document` is the JSON as it was read, which a model package carries."""

    name: str
    title: str
    fields: tuple[Field, ...]
    derived: tuple[Derived, ...]
    features: tuple[Feature, ...]
    target: Target
    tiers: tuple[Tier, ...]
    score_scale: str
    training: Training
    lead_id: Ignored | None
    ignored: tuple[Ignored, ...]
    document: dict[str, Any] = field(repr=False, compare=False)

    def field_by_name(self, name: str) -> Field:
        """The field of that name; KeyError if there is none."""
        for each in self.fields:
            if each.name == name:
                return each
        raise KeyError(name)

    def has_field(self, name: str) -> bool:
        """Whether a raw field (not a derived value) has that name."""
        return any(each.name == name for each in self.fields)

    @property
    def class_names(self) -> tuple[str, ...]:
        """The target's classes in order; of a binary target the second is the event."""
        return tuple(each.name for each in self.target.classes)
