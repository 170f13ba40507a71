"""What the five tools promise by their words and schemas alone."""

import json
import os
import re
from collections.abc import Iterator, Mapping
from typing import Any

import pytest
from mcp.types import Tool as ListedTool

from alphaforge.server.mcp import INSTRUCTIONS, listed
from alphaforge.tests.helpers import REPO
from alphaforge.tools import TOOLS, AnyTool
from alphaforge.tools.door import tokens
from alphaforge.tools.schema import input_schema, output_schema

NAMES = ["compile", "search", "run", "compare", "deploy"]
LIST_TOKENS_MAX = 4_000
INSTRUCTIONS_BYTES_MAX = 2_048
GOLDEN = REPO / "tests" / "golden" / "tools_list.json"


def wire(tool: ListedTool) -> dict[str, Any]:
    return tool.model_dump(mode="json", by_alias=True, exclude_none=True)


def schemas(schema: Any) -> Iterator[Mapping[str, Any]]:
    """Yield every schema inside a schema, names of properties left out."""
    if isinstance(schema, dict):
        yield schema
        for key, value in schema.items():
            if key == "properties":
                for item in value.values():
                    yield from schemas(item)
            elif isinstance(value, dict):
                yield from schemas(value)
            elif isinstance(value, list):
                for item in value:
                    yield from schemas(item)


def test_there_are_exactly_five_tools_in_a_fixed_order() -> None:
    assert [tool.name for tool in TOOLS] == NAMES


def test_the_list_of_tools_stays_below_four_thousand_tokens() -> None:
    assert tokens([wire(listed(tool)) for tool in TOOLS]) <= LIST_TOKENS_MAX


def test_the_instructions_stay_below_two_kilobytes() -> None:
    assert len(INSTRUCTIONS.encode()) <= INSTRUCTIONS_BYTES_MAX


def test_S2_golden_names_descriptions_and_schemas_are_the_published_ones() -> None:
    made = json.dumps([wire(listed(tool)) for tool in TOOLS], indent=1, sort_keys=True) + "\n"
    if os.environ.get("ALPHAFORGE_GOLDEN") == "rewrite":  # noqa: TID251  # Set by `make golden`.
        GOLDEN.write_text(made, encoding="utf-8")
    assert GOLDEN.read_text(encoding="utf-8") == made, "look at the change, then `make golden`"


@pytest.mark.parametrize("tool", TOOLS, ids=NAMES)
def test_schemas_hold_no_title_and_no_reference(tool: AnyTool) -> None:
    for schema in (input_schema(tool.input), output_schema(tool.output)):
        for part in schemas(schema):
            assert "title" not in part or isinstance(part["title"], dict)
            assert "$ref" not in part
            assert "$defs" not in part


@pytest.mark.parametrize("tool", TOOLS, ids=NAMES)
def test_unknown_arguments_are_forbidden_by_the_schema_itself(tool: AnyTool) -> None:
    assert input_schema(tool.input)["additionalProperties"] is False


@pytest.mark.parametrize("tool", TOOLS, ids=NAMES)
def test_every_text_argument_has_a_bound(tool: AnyTool) -> None:
    for name, part in input_schema(tool.input)["properties"].items():
        if part.get("type") == "string":
            assert "maxLength" in part or "enum" in part, name
        if part.get("type") == "array":
            assert "maxItems" in part, name


@pytest.mark.parametrize("tool", TOOLS, ids=NAMES)
def test_a_description_says_when_when_not_and_shows_a_valid_example(tool: AnyTool) -> None:
    assert "Use it" in tool.description
    assert "Not for" in tool.description
    example = json.loads(tool.description.partition("Example: ")[2])
    tool.input.model_validate(example)


@pytest.mark.parametrize("tool", TOOLS, ids=NAMES)
def test_an_error_satisfies_the_output_schema_of_its_tool(tool: AnyTool) -> None:
    # TypeScript clients hold structured content against it, errors included, and throw.
    import jsonschema  # type: ignore[import-untyped]

    fields = {"code": "AF404", "message": "m", "span": None, "help": "", "next": "x"}
    jsonschema.validate(fields, output_schema(tool.output))


def test_only_deploy_is_destructive_and_only_reading_tools_are_read_only() -> None:
    assert {tool.name for tool in TOOLS if tool.hints.is_read_only} == {"search", "compare"}
    assert {tool.name for tool in TOOLS if tool.hints.is_destructive} == {"deploy"}


def test_A1_no_tool_has_an_argument_that_approves() -> None:
    words = re.compile(r"approve|sign|quorum|enroll|clear|force|bypass|role|kind|principal")
    for tool in TOOLS:
        for name in input_schema(tool.input)["properties"]:
            assert not words.search(name), f"{tool.name}.{name}"


@pytest.mark.parametrize("tool", TOOLS, ids=NAMES)
def test_the_page_of_the_tools_names_every_argument_and_every_field(tool: AnyTool) -> None:
    page = (REPO / "docs" / "tools.md").read_text(encoding="utf-8")
    section = page.partition(f"\n## {tool.name}\n")[2].partition("\n## ")[0]
    for name in (*tool.input.model_fields, *tool.output.model_fields):
        assert f"`{name}`" in section or name == "next", name
