"""D1: text becomes data only; the package stays light and closed."""

import ast
import subprocess
import sys
from pathlib import Path

import alphaforge.dsl

DSL = Path(alphaforge.dsl.__file__).parent


def test_the_language_starts_without_its_parser_and_without_numpy() -> None:
    program = (
        "import sys, alphaforge.dsl\n"
        "alphaforge.dsl.Catalogue.builtin()\n"
        "print([name for name in ('lark', 'numpy', 'numba') if name in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, check=True, text=True
    )
    assert done.stdout.strip() == "[]"


def test_D1_text_becomes_data_only() -> None:
    forbidden = {"eval", "exec", "compile", "__import__", "open", "input"}
    modules = {"pickle", "marshal", "subprocess", "socket", "shelve", "ctypes"}
    for path in sorted(DSL.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
                assert node.func.id not in forbidden, f"{path.name}:{node.lineno}"
            if isinstance(node, ast.Import):
                assert not modules & {name.name for name in node.names}, path.name
            if isinstance(node, ast.ImportFrom):
                assert node.module not in modules, path.name
