"""A JSON object of a spec and its pointer, read with types and limits checked."""

import json
from typing import Any

from leadgauge.spec import SpecError

_MAXIMUM = {"fields": 1000, "derived": 1000, "features": 2000, "tiers": 20, "classes": 100, "mapping": 10_000}


def pointer_of(parts: Any) -> str:
    """The JSON pointer of a path."""
    return "".join("/" + str(part).replace("~", "~0").replace("/", "~1") for part in parts)


class Node:
    """A JSON object and its pointer, read with types checked."""

    def __init__(self, value: Any, pointer: str) -> None:
        if not isinstance(value, dict):
            raise SpecError(pointer, "must be an object")
        self.value: dict[str, Any] = value
        self.pointer = pointer

    def at(self, key: str | int) -> str:
        return self.pointer + pointer_of([key])

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

    def scalar(self, key: str) -> str | float | bool | None:
        """A text, number or boolean; None without the key."""
        value = self.value.get(key)
        if value is not None and not isinstance(value, str | int | float | bool):
            raise self.wrong(key, "must be a number, a boolean or a text")
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
