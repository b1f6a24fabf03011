"""The package's modules import each other without circles, those for type checking only included."""

import ast
from collections.abc import Mapping, Sequence
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]


def module_of(file: Path) -> str:
    parts = file.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def imports_of(file: Path, modules: Sequence[str]) -> set[str]:
    """Modules of the package that a file imports, wherever in it: as a whole, or names of them."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(file.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            found |= {each.name for each in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module is not None:
            named = [f"{node.module}.{each.name}" for each in node.names]
            found |= {name if name in modules else node.module for name in named}
    return found & set(modules)


def circle_in(graph: Mapping[str, set[str]]) -> list[str]:
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        return list(error.args[1])
    return []


@pytest.mark.parametrize(("last", "circle"), [("a", ["a", "c", "b", "a"]), ("d", [])])
def test_a_circle_is_found(last: str, circle: list[str]) -> None:
    assert circle_in({"a": {"b"}, "b": {"c"}, "c": {last}, "d": set()}) == circle


def test_there_is_no_circle() -> None:
    files = {module_of(file): file for file in (ROOT / "leadgauge").rglob("*.py")}
    graph = {module: imports_of(file, list(files)) for module, file in files.items()}
    assert sum(map(len, graph.values())) > len(graph)
    assert circle_in(graph) == []
