"""The pages on the language as agents get them: cheat sheet, reference, codes; all up to date."""

import re
from pathlib import Path

import pytest
from mcp import Client, MCPError
from mcp.types import TextResourceContents

from alphaforge.core.pages import error_link, errors, page, sections
from alphaforge.dsl import compile_text
from alphaforge.dsl.cheatsheet import CHARS_MAX, IDIOMS, MISTAKES, MORE_FORMS, Mistake, cheat_sheet
from alphaforge.dsl.judge import MARKS
from alphaforge.dsl.statement import specs
from alphaforge.packs.origins import known
from alphaforge.tests.helpers import REPO
from alphaforge.tests.test_mcp_server import MODES, Mode, content, with_client
from alphaforge.tests.tool_lab import fields, lab_at
from alphaforge.tools.door import tokens

CATALOGUE, ORIGINS = known()
SHEET = cheat_sheet(CATALOGUE, ORIGINS)


def test_the_page_in_the_repository_is_the_page_that_is_made() -> None:
    assert (REPO / "docs" / "cheatsheet.md").read_text(encoding="utf-8") == SHEET, "`make docs`"


def test_the_cheat_sheet_is_one_page() -> None:
    assert len(SHEET) <= CHARS_MAX


def test_the_cheat_sheet_names_every_statement_operator_macro_and_field() -> None:
    words = set(re.findall(r"[a-z_][a-z0-9_]*", SHEET))
    marks = {name for name in CATALOGUE.operators if name not in words}
    for name in [*CATALOGUE.macros, *CATALOGUE.fields, *specs()]:
        assert name in words, name
    # What is not named is written with a mark, and every mark is there.
    assert marks <= set(MARKS)
    assert all(f" {mark}" in SHEET or f"`{mark}" in SHEET for mark in MARKED)


MARKED = ("+", "-", "* /", "^", "<", "<=", ">", ">=", "==", "!=", "and", "or", "not", "? :", "|>")


@pytest.mark.parametrize(("what", "text"), IDIOMS)
def test_every_idiom_compiles_without_a_word(what: str, text: str) -> None:
    assert f"{what}: `{text}`" in SHEET
    assert compile_text(text, CATALOGUE).diagnostics == ()


@pytest.mark.parametrize("item", MISTAKES, ids=lambda item: item.wrong)
def test_every_mistake_gets_its_code_and_its_mending_compiles(item: Mistake) -> None:
    assert item.code in {found.code for found in compile_text(item.wrong, CATALOGUE).diagnostics}
    assert compile_text(item.right, CATALOGUE).diagnostics == ()
    assert item.code in errors()


def test_the_example_and_every_form_compile() -> None:
    (example,) = re.findall(r"```af\n(.*?)```", SHEET, re.DOTALL)
    assert compile_text(example, CATALOGUE).diagnostics == ()
    (forms,) = re.findall(r"```\nlet(.*?)```", SHEET, re.DOTALL)
    assert len(f"let{forms}".strip().splitlines()) == len(specs())


@pytest.mark.parametrize("form", MORE_FORMS)
def test_every_further_form_compiles(form: str) -> None:
    assert form in SHEET
    text = f"strategy s {{\n{form}\nsignal rank(returns)\n}}"
    # What nothing uses is noted, and that is all.
    assert {item.code for item in compile_text(text, CATALOGUE).diagnostics} <= {"AF304", "AF380"}
    assert compile_text(text, CATALOGUE).is_ok


def test_every_code_has_an_entry_and_a_link_that_leads_to_it() -> None:
    for item in sections("errors"):
        if re.match(r"AF[0-9]{3}", item.heading):
            link = error_link(item.heading[:5])
            assert link.endswith(f"errors.md#{item.heading[:5].lower()}-{item.anchor[6:]}")
    assert errors()["AF201"].text
    assert "Next move: " in errors()["AF403"].text


def test_search_finds_the_cheat_sheet_whole_a_code_and_a_statement(tmp_path: Path) -> None:
    lab = lab_at(tmp_path)
    sheet = fields(lab, "search", scope="docs", text="cheatsheet")
    assert sheet["hits"][0]["text"] == SHEET
    assert tokens(sheet) <= 8_000
    alone = fields(lab, "search", scope="docs", text="cheatsheet", limit=1)
    assert alone["hits"][0]["text"] == SHEET
    assert tokens(alone) <= 2_000
    (code, *_) = fields(lab, "search", scope="docs", text="AF201")["hits"]
    assert code["id"] == "AF201"
    assert "```af" in code["text"]
    (universe, *_) = fields(lab, "search", scope="docs", text="universe")["hits"]
    assert universe["id"] == "universe"
    assert "min_history" in universe["text"]
    for name in errors():
        (hit, *_) = fields(lab, "search", scope="docs", text=name, limit=1)["hits"]
        assert hit["id"] == name


@pytest.mark.timeout(120)
@pytest.mark.parametrize("mode", MODES)
def test_the_pages_are_read_as_resources_in_either_era(tmp_path: Path, mode: Mode) -> None:
    async def text_of(client: Client, uri: str) -> str:
        (found,) = (await client.read_resource(uri)).contents
        assert isinstance(found, TextResourceContents)
        assert found.mime_type == "text/markdown"
        return found.text

    async def work(client: Client) -> None:
        listed = (await client.list_resources()).resources
        assert [item.name for item in listed] == ["cheatsheet", "language", "errors"]
        assert all(item.description and item.title for item in listed)
        assert await text_of(client, "alphaforge://docs/cheatsheet") == SHEET
        assert await text_of(client, "alphaforge://docs/language") == page("language")
        assert await text_of(client, "alphaforge://docs/errors") == page("errors")
        assert "# AF201" in await text_of(client, "alphaforge://docs/errors/AF201")
        assert "ts_mean(x, bars" in await text_of(client, "alphaforge://operators/ts_mean")
        assert "funding_rate" in await text_of(client, "alphaforge://operators/funding_rate")
        for uri in ("operators/nothing", "docs/errors/AF000", "docs/nothing", "docs/..%2Fadr"):
            with pytest.raises(MCPError) as caught:
                await client.read_resource(f"alphaforge://{uri}")
            assert caught.value.error.code == -32602
        with pytest.raises(MCPError) as told:
            await client.read_resource("alphaforge://operators/a%0Ab%E2%80%AE")
        # The name comes back as inert text.
        assert told.value.error.message.isprintable()
        assert "\u202e" not in told.value.error.message
        # The tools are as they were.
        answer = await client.call_tool("search", {"scope": "docs", "text": "cheatsheet"})
        assert content(answer)["hits"][0]["text"] == SHEET

    with_client(tmp_path / "home", mode, work)
