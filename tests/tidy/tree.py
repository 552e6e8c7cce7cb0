"""Our own sources, parsed once."""

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
PACKAGES = ("ftnode", "loyalty", "chaos", "tests", "tools")


@dataclass(frozen=True, slots=True)
class Source:
    """One file: `path` is relative to the root, with forward slashes."""

    path: str
    text: str
    tree: ast.Module

    @property
    def module(self) -> str:
        """Dotted name, e.g. `ftnode.core.active`; a package's own name for its `__init__`."""
        parts = self.path.removesuffix(".py").split("/")
        return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)

    def within(self, *packages: str) -> bool:
        """Whether the file is one of these modules or lies in one of these packages."""
        return any(self.module == name or self.module.startswith(name + ".") for name in packages)


def parse(path: str, text: str) -> Source:
    """A source from its text; `path` decides which rules apply."""
    return Source(path, text, ast.parse(text))


def own_sources() -> list[Source]:
    """Every Python file of ours that is not generated."""
    return [
        parse(path.relative_to(ROOT).as_posix(), path.read_text())
        for package in PACKAGES
        for path in sorted((ROOT / package).rglob("*.py"))
        if "_pb2" not in path.name
    ]


def imports(source: Source) -> Iterator[tuple[int, str]]:
    """Line and full dotted name of everything imported, wherever in the file and however spelled."""
    for node in ast.walk(source.tree):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            origin = _origin(source, node)
            yield from ((node.lineno, f"{origin}.{alias.name}") for alias in node.names)


def _origin(source: Source, node: ast.ImportFrom) -> str:
    if not node.level:
        return node.module or ""
    package = source.path.removesuffix(".py").split("/")[: -node.level]
    return ".".join([*package, node.module] if node.module else package)
