"""The page on dialects holds: its tables are those of the compiler, its blocks compile."""

import os
import re

import pytest

from alphaforge.dsl import compile_text
from alphaforge.dsl.dialects import NAMES, dialect_named
from alphaforge.tests.helpers import REPO
from alphaforge.tests.trees import CATALOGUE

PAGE = REPO / "docs" / "dialects.md"
OTHERS = NAMES[1:]


def table_of(name: str) -> str:
    """Write a dialect's operators as the page shows them."""
    rules = dialect_named(name).rules.values()
    rows = [f"| `{rule.form}` | `{rule.means}` |".replace("||", "\\|\\|") for rule in rules]
    return "\n".join(["", "| written | means |", "|---|---|", *rows, ""])


def with_tables(page: str) -> str:
    for name in OTHERS:
        page = re.sub(
            rf"(<!-- table {name} -->\n).*?(<!-- end -->)",
            lambda match, name=name: f"{match[1]}{table_of(name)}\n{match[2]}",  # type: ignore[misc]
            page,
            flags=re.DOTALL,
        )
    return page


def test_the_tables_of_the_page_are_those_of_the_compiler() -> None:
    page = PAGE.read_text(encoding="utf-8")
    if os.environ.get("ALPHAFORGE_GOLDEN") == "rewrite":  # noqa: TID251  # Set by `make golden`.
        PAGE.write_text(with_tables(page), encoding="utf-8")
        return
    assert page.count("<!-- table ") == len(OTHERS)
    assert with_tables(page) == page, "look at the change, then `make golden`"


@pytest.mark.parametrize("name", OTHERS)
def test_each_block_of_the_page_compiles(name: str) -> None:
    page = PAGE.read_text(encoding="utf-8")
    for text in re.findall(rf"```{name}\n(.*?)```", page, re.DOTALL):
        assert compile_text(text, CATALOGUE, dialect=name).is_ok
