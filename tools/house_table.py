"""`python -m tools.house_table [TREE ...]`: how the package stands as a house, one row a tree, before and after.

A tree is a checkout (with `src/switchpoint`) or any folder of Python files; this checkout when left out. Counted:

- lines of a file, median and 90th percentile, and the longest;
- lines of a function or method from `def` to its end, median, 90th percentile and longest;
- the longest chain of modules of which each imports the next (modules that import each other count as they stand);
- modules of the project that a module imports, on average;
- other modules of the project that a function names, on average;
- files (but `__init__` and `__main__`) and classes that share their name with another.
"""

from __future__ import annotations

import ast
import sys
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path
from statistics import fmean, median, quantiles

ROOT = Path(__file__).resolve().parent.parent
UNNAMED = ("__init__", "__main__")
HEAD = (
    "tree | files | lines a file, median / p90 / max | lines a function, median / p90 / max | longest chain of imports "
    "| project imports a module | other modules named in a function | files / classes that share a name"
)

Function = ast.FunctionDef | ast.AsyncFunctionDef


@dataclass(frozen=True)
class Module:
    """One file, parsed."""

    name: str
    """Dotted, the package's own name first."""
    file: Path
    tree: ast.Module
    lines: int

    @cached_property
    def functions(self) -> list[Function]:
        """Functions and methods, the nested ones too."""
        return [node for node in ast.walk(self.tree) if isinstance(node, Function)]

    @cached_property
    def classes(self) -> list[str]:
        """Names of the classes."""
        return [node.name for node in ast.walk(self.tree) if isinstance(node, ast.ClassDef)]


def read(folder: Path) -> dict[str, Module]:
    """The modules below a package's folder, by dotted name."""
    found = {}
    for file in sorted(folder.rglob("*.py")):
        parts = [folder.name, *file.relative_to(folder).with_suffix("").parts]
        name = ".".join(parts[:-1] if parts[-1] == "__init__" else parts)
        text = file.read_text(encoding="utf-8")
        found[name] = Module(name, file, ast.parse(text), len(text.splitlines()))
    return found


@dataclass(frozen=True)
class House:
    """A package and the imports within it."""

    modules: dict[str, Module]

    def imported(self, statement: ast.Import | ast.ImportFrom, home: str) -> Iterator[tuple[str, str]]:
        """(name bound, module of the project) for everything of the project that a statement imports."""
        if isinstance(statement, ast.Import):
            for alias in statement.names:
                if alias.name in self.modules:
                    yield alias.asname or alias.name.split(".")[0], alias.name
            return
        base = self._base(statement, home)
        for alias in statement.names:
            target = f"{base}.{alias.name}" if f"{base}.{alias.name}" in self.modules else base
            if target in self.modules:
                yield alias.asname or alias.name, target

    def _base(self, statement: ast.ImportFrom, home: str) -> str:
        if not statement.level:
            return statement.module or ""
        package = home if self.modules[home].file.name == "__init__.py" else home.rpartition(".")[0]
        for _ in range(statement.level - 1):
            package = package.rpartition(".")[0]
        return ".".join(filter(None, [package, statement.module]))

    def bound(self, module: Module) -> dict[str, str]:
        """Which module of the project each imported name of a module comes from."""
        statements = [node for node in ast.walk(module.tree) if isinstance(node, ast.Import | ast.ImportFrom)]
        pairs = (pair for node in statements for pair in self.imported(node, module.name))
        return {name: target for name, target in pairs if target != module.name}

    @cached_property
    def imports(self) -> dict[str, set[str]]:
        """The modules that each module imports, wherever in it."""
        return {name: set(self.bound(module).values()) for name, module in self.modules.items()}

    def longest_chain(self) -> int:
        """Modules on the longest path of imports; a ring of imports is not walked twice."""

        @cache
        def below(name: str) -> int:
            return 1 + max(map(below, self.imports[name] - ring[name]), default=0)

        ring = rings(self.imports)
        return max(map(below, self.modules))

    def named_in_functions(self) -> float:
        """Other modules of the project whose names a function uses, on average."""
        counts = []
        for module in self.modules.values():
            bound = self.bound(module)
            for function in module.functions:
                used = {node.id for node in ast.walk(function) if isinstance(node, ast.Name)}
                counts.append(len({bound[name] for name in used & bound.keys()}))
        return fmean(counts)


def rings(imports: dict[str, set[str]]) -> dict[str, set[str]]:
    """The modules that each module both reaches and is reached from, itself among them."""

    def reach(start: str) -> set[str]:
        seen, open_ = {start}, [start]
        while open_:
            for each in imports[open_.pop()] - seen:
                seen.add(each)
                open_.append(each)
        return seen

    reached = {name: reach(name) for name in imports}
    return {name: {other for other in found if name in reached[other]} for name, found in reached.items()}


def shared(names: Iterable[str]) -> int:
    """How many of the names are given more than once.

    >>> shared(["a", "b", "a"])
    2
    """
    return sum(count for count in Counter(names).values() if count > 1)


def middle(values: list[int]) -> str:
    """Median, 90th percentile and largest of some numbers of lines."""
    return f"{median(values):.0f} / {quantiles(values, n=10, method='inclusive')[-1]:.0f} / {max(values)}"


def row(folder: Path) -> str:
    """The row of one package."""
    house = House(read(folder))
    modules = list(house.modules.values())
    functions = [(node.end_lineno or 0) - node.lineno + 1 for module in modules for node in module.functions]
    names = [module.file.stem for module in modules if module.file.stem not in UNNAMED]
    classes = [name for module in modules for name in module.classes]
    cells = [
        str(len(modules)),
        middle([module.lines for module in modules]),
        middle(functions),
        str(house.longest_chain()),
        f"{fmean(len(each) for each in house.imports.values()):.1f}",
        f"{house.named_in_functions():.2f}",
        f"{shared(names)} of {len(names)} / {shared(classes)} of {len(classes)}",
    ]
    return " | ".join(cells)


def main(trees: list[str]) -> None:
    """Print the table."""
    rule = " | ".join("---" for _ in HEAD.split(" | "))
    print(f"| {HEAD} |\n| {rule} |")
    for tree in trees or [str(ROOT)]:
        inside = Path(tree) / "src" / "switchpoint"
        print(f"| {Path(tree).resolve().name} | {row(inside if inside.is_dir() else Path(tree))} |")


if __name__ == "__main__":
    main(sys.argv[1:])
