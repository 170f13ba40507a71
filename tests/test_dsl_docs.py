"""The pages on the language hold: every block compiles, every code is explained by its own text."""

import re
from pathlib import Path

import pytest

from alphaforge.core.errors import AlphaForgeError
from alphaforge.dsl import compile_text
from alphaforge.dsl.dialects import NAMES as DIALECTS
from alphaforge.tests.helpers import REPO
from alphaforge.tests.trees import CATALOGUE

LANGUAGE = (REPO / "docs" / "language.md").read_text(encoding="utf-8")
ERRORS = (REPO / "docs" / "errors.md").read_text(encoding="utf-8")
CODE = re.compile(r"\bAF[0-9]{3}\b")
OWN = re.compile(r"\"(AF[0-9]{3})\"")
NOT_OURS = {"tests", "docs", ".venv", ".types", "build", "benchmarks"}


def blocks(page: str, kind: str) -> list[str]:
    return re.findall(rf"```{kind}\n(.*?)```", page, re.DOTALL)


def entries() -> dict[str, str]:
    found = re.split(r"^### (AF[0-9]{3}): ", ERRORS, flags=re.MULTILINE)[1:]
    return dict(zip(found[::2], found[1::2], strict=True))


def examples() -> dict[str, tuple[str, str]]:
    """Return the dialect and the text of the first block of each entry that has one."""
    found = {}
    for code, entry in entries().items():
        block = re.search(rf"```({'|'.join(DIALECTS)})\n(.*?)```", entry, re.DOTALL)
        if block is not None:
            found[code] = (block[1], block[2])
    return found


EXAMPLES = examples()


def codes_used() -> set[str]:
    used: set[str] = set()
    for path in REPO.rglob("*.py"):
        if not NOT_OURS & set(path.relative_to(REPO).parts):
            used |= set(OWN.findall(path.read_text(encoding="utf-8")))
    return used


@pytest.mark.parametrize("text", blocks(LANGUAGE, "af"))
def test_each_block_of_the_language_page_compiles(text: str) -> None:
    compilation = compile_text(text, CATALOGUE)
    assert compilation.diagnostics == ()
    assert compilation.is_ok


@pytest.mark.parametrize("text", blocks(LANGUAGE, "af-part"))
def test_each_statement_of_the_language_page_compiles(text: str) -> None:
    signal = "" if "signal" in text else "signal returns"
    compilation = compile_text(f"strategy page {{\n{text}\n{signal}\n}}", CATALOGUE)
    assert compilation.diagnostics == ()


@pytest.mark.parametrize("text", blocks(LANGUAGE, "af-same"))
def test_lines_that_are_said_to_be_one_formula_are(text: str) -> None:
    lines = text.strip().splitlines()
    assert len(lines) > 1
    found = {compile_text(line, CATALOGUE).fingerprint for line in lines}
    assert len(found) == 1
    assert "" not in found


def test_every_code_that_is_used_is_explained() -> None:
    explained = set(CODE.findall(ERRORS))
    assert codes_used() - explained == set()


def test_every_code_that_is_explained_is_used() -> None:
    own = {code for code in codes_used() if code < "AF400"}
    assert set(entries()) == own - {"AF100"}


@pytest.mark.parametrize(("code", "example"), EXAMPLES.items(), ids=EXAMPLES.keys())
def test_the_example_of_a_code_gets_that_code(code: str, example: tuple[str, str]) -> None:
    dialect, text = example
    found = compile_text(text, CATALOGUE, dialect=dialect).diagnostics
    assert code in {item.code for item in found}


def test_most_codes_have_an_example() -> None:
    assert len(EXAMPLES) >= 40
    assert all(
        "o example" in entry or code in EXAMPLES or code == "AF216"
        for code, entry in entries().items()
    )


def test_classes_of_errors_have_codes_of_their_own() -> None:
    classes = AlphaForgeError.__subclasses__()
    assert len({cls.code for cls in classes}) == len(classes)
    assert isinstance(REPO, Path)
