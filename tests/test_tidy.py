"""The house rules that a machine can see: floors, cycles, sizes, packages, doors."""

import ast
import tomllib
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from alphaforge.tests.helpers import REPO

FLOORS = {
    "core": 0,
    "dsl": 1,
    "data": 2,
    "engine": 2,
    "policies": 2,
    "memory": 3,
    "execution": 3,
    "runs": 4,
    "packs": 5,
    "tools": 6,
    "server": 7,
    "evals": 8,
}
LINES_MAX = 400
BODY_MAX = 60
DOCUMENTED = {"docs", "tests", "examples", "benchmarks"}
MCP_FLOORS = {"tools", "server", "evals"}


def python_files() -> list[Path]:
    """List the files of the package, tests and benchmarks aside."""
    return sorted(path for name in FLOORS for path in (REPO / name).rglob("*.py"))


def all_files() -> list[Path]:
    """List every Python file of ours."""
    others = [path for name in ("tests", "benchmarks") for path in (REPO / name).rglob("*.py")]
    return python_files() + sorted(others) + sorted(REPO.glob("*.py"))


@cache
def tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


def module_of(path: Path) -> tuple[str, ...]:
    parts = path.relative_to(REPO).with_suffix("").parts
    return parts[:-1] if parts[-1] == "__init__" else parts


def relative_imports(path: Path) -> Iterator[tuple[str, ...]]:
    """Yield the modules of ours that a file imports, late imports included."""
    is_package = path.name == "__init__.py"
    here = module_of(path)
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.ImportFrom) and node.level:
            base = here[: len(here) - node.level + (1 if is_package else 0)]
            target = base + tuple((node.module or "").split(".")) if node.module else base
            for alias in node.names:
                longer = (*target, alias.name)
                file = REPO.joinpath(*longer)
                is_module = file.with_suffix(".py").exists() or (file / "__init__.py").exists()
                yield longer if is_module else target


def top_level_imports(path: Path) -> Iterator[tuple[str, ...]]:
    """Yield the modules of ours imported when the file is, without those for type checkers."""
    is_package = path.name == "__init__.py"
    here = module_of(path)
    for node in tree(path).body:
        if isinstance(node, ast.ImportFrom) and node.level:
            base = here[: len(here) - node.level + (1 if is_package else 0)]
            target = base + tuple((node.module or "").split(".")) if node.module else base
            for alias in node.names:
                longer = (*target, alias.name)
                file = REPO.joinpath(*longer)
                is_module = file.with_suffix(".py").exists() or (file / "__init__.py").exists()
                yield longer if is_module else target


@pytest.mark.parametrize("path", python_files(), ids=lambda path: str(path.relative_to(REPO)))
def test_imports_only_go_down_the_floors(path: Path) -> None:
    here = module_of(path)
    for target in relative_imports(path):
        if not target or target[0] == here[0]:
            continue
        assert target[0] in FLOORS, f"{path} imports the root module {target}"
        assert FLOORS[target[0]] < FLOORS[here[0]], f"{here} reaches up or aside to {target}"


def test_no_import_cycle_exists() -> None:
    edges = {module_of(path): set(top_level_imports(path)) for path in python_files()}
    done: set[tuple[str, ...]] = set()

    def visit(module: tuple[str, ...], trail: tuple[tuple[str, ...], ...]) -> None:
        assert module not in trail, f"cycle: {' -> '.join('.'.join(m) for m in (*trail, module))}"
        if module in done:
            return
        for target in sorted(edges.get(module, ())):
            # A package's door file may list what its own modules offer.
            if target != module and target != module[: len(target)]:
                visit(target, (*trail, module))
        done.add(module)

    for module in sorted(edges):
        visit(module, ())


def test_packages_listed_are_the_folders_there_are() -> None:
    config = tomllib.loads((REPO / "pyproject.toml").read_text())
    listed = set(config["tool"]["setuptools"]["packages"])
    found = {"alphaforge"} | {
        "alphaforge." + ".".join(path.parent.relative_to(REPO).parts)
        for path in python_files()
        if path.name == "__init__.py"
    }
    assert listed == found


def test_every_folder_with_code_is_a_package() -> None:
    for path in python_files():
        assert (path.parent / "__init__.py").exists(), path.parent


@pytest.mark.parametrize("path", all_files(), ids=lambda path: str(path.relative_to(REPO)))
def test_files_and_bodies_stay_small(path: Path) -> None:
    count = len(path.read_text(encoding="utf-8").splitlines())
    assert count <= LINES_MAX, f"{path} has {count} lines: look for the missing noun"
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            first = node.body[0]
            length = (node.end_lineno or 0) - first.lineno + 1
            assert length <= BODY_MAX, f"{path}:{node.name} has a body of {length} lines"


def absolute_imports(path: Path) -> Iterator[str]:
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.Import):
            yield from (alias.name.split(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and not node.level and node.module:
            yield node.module.split(".")[0]


def test_only_the_upper_floors_import_mcp() -> None:
    for path in python_files():
        if module_of(path)[0] not in MCP_FLOORS:
            assert "mcp" not in set(absolute_imports(path)), path


def test_core_imports_no_third_party_but_pydantic_and_structlog() -> None:
    third = {"polars", "pyarrow", "duckdb", "mcp", "numba", "lancedb", "matplotlib", "rich"}
    for path in (REPO / "core").glob("*.py"):
        assert not third & set(absolute_imports(path)), path


def test_the_language_opens_no_file_and_no_socket() -> None:
    banned = {"socket", "subprocess", "os", "shutil", "tempfile", "urllib", "sqlite3"}
    for path in (REPO / "dsl").rglob("*.py"):
        assert not banned & set(absolute_imports(path)), path
        calls = [node for node in ast.walk(tree(path)) if isinstance(node, ast.Call)]
        names = {call.func.id for call in calls if isinstance(call.func, ast.Name)}
        assert not {"open", "eval", "exec", "compile", "__import__"} & names, path


def test_policies_read_facts_and_never_stores() -> None:
    banned = {"sqlite3", "socket", "subprocess", "os", "pathlib", "time"}
    for path in (REPO / "policies").rglob("*.py"):
        assert not banned & set(absolute_imports(path)), path


def test_only_the_composition_root_reads_the_environment() -> None:
    for path in python_files():
        text = path.read_text(encoding="utf-8")
        if path != REPO / "server" / "settings.py":
            assert "os.getenv" not in text, path
            for node in ast.walk(tree(path)):
                is_read = (
                    isinstance(node, ast.Subscript)
                    and isinstance(node.ctx, ast.Load)
                    and ast.unparse(node.value) == "os.environ"
                ) or (isinstance(node, ast.Call) and ast.unparse(node.func) == "os.environ.get")
                assert not is_read, path


def test_the_gateway_process_imports_neither_mcp_nor_tools() -> None:
    targets = set(relative_imports(REPO / "server" / "gateway.py"))
    assert not [target for target in targets if target[0] == "tools"]
    assert "mcp" not in set(absolute_imports(REPO / "server" / "gateway.py"))


def test_nobody_imports_a_pack_by_name() -> None:
    packs = {path.name for path in (REPO / "packs").iterdir() if (path / "__init__.py").exists()}
    for path in python_files():
        here = module_of(path)
        for target in relative_imports(path):
            is_pack = len(target) > 1 and target[0] == "packs" and target[1] in packs
            assert not is_pack or here[:2] == target[:2], f"{path} imports the pack {target}"


def test_no_root_name_hides_a_module_of_python_or_of_a_dependency() -> None:
    taken = {"types", "select", "signal", "code", "platform", "calendar", "profile", "queue"}
    taken |= {"secrets", "statistics", "mcp", "lark", "polars", "duckdb", "numba", "rich"}
    names = {path.stem for path in REPO.iterdir() if path.suffix == ".py" or path.is_dir()}
    assert not names & taken


def test_every_public_thing_has_a_docstring_and_every_module_says_its_idea() -> None:
    for path in python_files():
        assert ast.get_docstring(tree(path)), path
